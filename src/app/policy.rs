//! The policy files: the shipped ones, or an operator's own of the same name.

use crate::{
    domain::{
        alerts::AlertRule,
        confidence::Calibration,
        exemplar::RightDecision,
        triage::{Triage, TriageInput},
        voice::Voice,
    },
    http::console::PolicyFile,
    monitoring::MACHINE_FIGURES,
    pipeline::Routing,
    ports::{
        exemplars::ExemplarStore,
        model::{Embedder, ModelState},
        store::StoreError,
        triage::Triager,
    },
    store::figure_names,
    triage::{Fitted, Lessons, LocalExemplar, PolicyFiles, TriageEngine, text_for_vector},
};
use anyhow::{Context, bail, ensure};
use async_trait::async_trait;
use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// The files an operator may replace, besides the voice and the routing.
const TRIAGE_FILES: [&str; 14] = [
    "escalation.toml",
    "escalation-languages.toml",
    "messages.toml",
    "sentiment.toml",
    "injection.toml",
    "exemplars.toml",
    "exemplars-everyday.toml",
    "exemplars-messages.toml",
    "sentiment-exemplars.toml",
    "sentiment-exemplars-trouble.toml",
    "sentiment-exemplars-everyday.toml",
    "sentiment-exemplars-languages.toml",
    "injection-exemplars.toml",
    "meaning.toml",
];

/// All policies, read and checked.
pub struct Policies {
    /// The files as they are in force, for the console to show.
    shown: Vec<PolicyFile>,
    pub voice: Voice,
    pub routing: Routing,
    pub confidence: Calibration,
    pub alerts: Vec<AlertRule>,
    triage: PolicyFiles,
}

impl Policies {
    /// Reads the shipped files and lays an operator's own over them.
    ///
    /// # Errors
    /// When a file cannot be read or says something that is not understood; the text names the file.
    pub fn load(folder: Option<&Path>) -> anyhow::Result<Self> {
        let own = |name: &str| -> anyhow::Result<Option<String>> {
            let Some(path) = folder.map(|folder| folder.join(name)).filter(|path| path.is_file()) else {
                return Ok(None);
            };
            std::fs::read_to_string(&path)
                .map(Some)
                .with_context(|| format!("the policy file {} cannot be read", path.display()))
        };
        let mut shown = Vec::new();
        let voice =
            own("voice.toml")?.unwrap_or_else(|| include_str!("../../assets/policy/voice.toml").to_owned());
        let routing = own("routing.toml")?
            .unwrap_or_else(|| include_str!("../../assets/policy/routing.toml").to_owned());
        let confidence = own("confidence.toml")?
            .unwrap_or_else(|| include_str!("../../assets/policy/confidence.toml").to_owned());
        let alerts =
            own("alerts.toml")?.unwrap_or_else(|| include_str!("../../assets/policy/alerts.toml").to_owned());
        let plain = [
            ("voice.toml", &voice),
            ("routing.toml", &routing),
            ("confidence.toml", &confidence),
            ("alerts.toml", &alerts),
        ];
        for (name, text) in plain {
            let own = folder.is_some_and(|folder| folder.join(name).is_file());
            shown.push(PolicyFile { name: name.to_owned(), text: text.clone(), own });
        }
        let mut triage = PolicyFiles::embedded();
        for name in TRIAGE_FILES {
            if let Some(text) = own(name)? {
                shown.push(PolicyFile { name: name.to_owned(), text: text.clone(), own: true });
                triage.replace(name, text)?;
            }
        }
        let figures: Vec<&str> = figure_names().chain(MACHINE_FIGURES.iter().copied()).collect();
        Ok(Self {
            shown,
            voice: toml::from_str(&voice).context("voice.toml cannot be read")?,
            routing: Routing::parse(&routing)?,
            confidence: toml::from_str(&confidence).context("confidence.toml cannot be read")?,
            alerts: crate::monitoring::rules(&alerts, &figures)
                .map_err(|fault| anyhow::anyhow!("alerts.toml cannot be used: {fault}"))?,
            triage,
        })
    }

    /// The files an operator may read in the console: voice, routing, confidence, alerts, and the operator's own ones.
    pub fn files(&self) -> Vec<PolicyFile> {
        self.shown.clone()
    }

    /// The triage engine these policies make, taught by this box's exemplars as they are when a message comes.
    ///
    /// # Errors
    /// When a rule cannot be understood.
    pub fn triager(
        &self,
        exemplars: Arc<dyn ExemplarStore>,
        embedder: Option<Arc<dyn Embedder>>,
    ) -> anyhow::Result<Arc<dyn Triager>> {
        let engine = Arc::new(TriageEngine::load(&self.triage)?);
        Ok(Arc::new(TriagePort { engine, exemplars, embedder, loaded: Mutex::default() }))
    }

    /// Fits the weights of meaning (`meaning.toml`) to these policies' exemplars. Vectors in `known` are taken as they are, new
    /// ones are added to it. `progress` hears how many of how many texts have their vector.
    ///
    /// # Errors
    /// When an exemplar file cannot be understood or the embedding model is not there.
    pub async fn fit_meaning(
        &self,
        embedder: &dyn Embedder,
        known: &mut HashMap<String, Vec<f32>>,
        progress: impl Fn(usize, usize),
    ) -> anyhow::Result<Fitted> {
        const AT_ONCE: usize = 32;
        let ModelState::Ready(model) = embedder.state() else {
            bail!("the weights are fitted with the embedding model, and it is not loaded");
        };
        let lessons = Lessons::of(&self.triage)?;
        let texts: Vec<String> = lessons.texts().map(str::to_owned).collect();
        let missing: Vec<String> = texts.iter().filter(|text| !known.contains_key(*text)).cloned().collect();
        for (done, some) in missing.chunks(AT_ONCE).enumerate() {
            progress(texts.len() - missing.len() + done * AT_ONCE, texts.len());
            known.extend(some.iter().cloned().zip(embedder.embed(some.to_vec()).await?));
        }
        let vectors: Vec<Vec<f32>> = texts.iter().filter_map(|text| known.get(text).cloned()).collect();
        let lengths = vectors.iter().all(|vector| vector.len() == embedder.dimensions());
        ensure!(lengths && vectors.len() == texts.len(), "a vector is missing or has another length");
        Ok(lessons.fit(&vectors, &model.id)?)
    }
}

/// Triage as the pipeline wants it.
struct TriagePort {
    engine: Arc<TriageEngine>,
    exemplars: Arc<dyn ExemplarStore>,
    embedder: Option<Arc<dyn Embedder>>,
    /// The version of the exemplars that the engine knows.
    loaded: Mutex<Option<i64>>,
}

impl TriagePort {
    /// Reads the exemplars anew when they have changed. Looking costs one small read a message, and so a mark made by another
    /// process (the command line) holds from the next message on.
    async fn learn(&self) -> Result<(), StoreError> {
        let version = self.exemplars.exemplars_version().await?;
        let mut loaded = self.loaded.lock().await;
        if *loaded == Some(version) {
            return Ok(());
        }
        let marked: Vec<LocalExemplar> = self
            .exemplars
            .exemplars(false)
            .await?
            .into_iter()
            .map(|exemplar| LocalExemplar {
                text: exemplar.text,
                escalate: exemplar.should == RightDecision::Escalate,
                category: exemplar.category,
            })
            .collect();
        let (count, engine) = (marked.len(), self.engine.clone());
        // Thousands of them take a moment of computing.
        let learning = tokio::task::spawn_blocking(move || engine.set_local_exemplars(marked));
        if learning.await.is_ok() {
            tracing::debug!(count, "local exemplars read");
            *loaded = Some(version);
        }
        Ok(())
    }
}

impl TriagePort {
    /// The message's vector, where the right model is loaded and answers in time: triage never waits for one.
    async fn vector(&self, input: &TriageInput<'_>) -> Option<Vec<f32>> {
        const MOST: Duration = Duration::from_secs(1);
        let embedder = self.embedder.as_ref()?;
        let fits =
            matches!(embedder.state(), ModelState::Ready(model) if model.id == self.engine.embedding_model());
        let text = text_for_vector(input);
        if !fits || text.is_empty() {
            return None;
        }
        let embedded = tokio::time::timeout(MOST, embedder.embed(vec![text])).await;
        embedded.ok()?.ok()?.pop()
    }
}

#[async_trait]
impl Triager for TriagePort {
    async fn triage(&self, input: &TriageInput<'_>) -> Triage {
        if let Err(error) = self.learn().await {
            tracing::warn!(%error, "the local exemplars cannot be read; those known go on to hold");
        }
        let vector = self.vector(input).await;
        self.engine.triage_with_vector(input, vector.as_deref())
    }
}
