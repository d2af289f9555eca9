//! The policy files: the shipped ones, or an operator's own of the same name.

use crate::{
    domain::{
        confidence::Calibration,
        exemplar::RightDecision,
        triage::{Triage, TriageInput},
        voice::Voice,
    },
    http::console::PolicyFile,
    pipeline::Routing,
    ports::{exemplars::ExemplarStore, store::StoreError, triage::Triager},
    triage::{LocalExemplar, PolicyFiles, TriageEngine},
};
use anyhow::Context;
use async_trait::async_trait;
use std::{path::Path, sync::Arc};
use tokio::sync::Mutex;

/// The files an operator may replace, besides the voice and the routing.
const TRIAGE_FILES: [&str; 13] = [
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
];

/// All policies, read and checked.
pub struct Policies {
    /// The files as they are in force, for the console to show.
    shown: Vec<PolicyFile>,
    pub voice: Voice,
    pub routing: Routing,
    pub confidence: Calibration,
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
        for (name, text) in
            [("voice.toml", &voice), ("routing.toml", &routing), ("confidence.toml", &confidence)]
        {
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
        Ok(Self {
            shown,
            voice: toml::from_str(&voice).context("voice.toml cannot be read")?,
            routing: Routing::parse(&routing)?,
            confidence: toml::from_str(&confidence).context("confidence.toml cannot be read")?,
            triage,
        })
    }

    /// The files an operator may read in the console: voice, routing, confidence, and the operator's own ones.
    pub fn files(&self) -> Vec<PolicyFile> {
        self.shown.clone()
    }

    /// The triage engine these policies make, taught by this box's exemplars as they are when a message comes.
    ///
    /// # Errors
    /// When a rule cannot be understood.
    pub fn triager(&self, exemplars: Arc<dyn ExemplarStore>) -> anyhow::Result<Arc<dyn Triager>> {
        let engine = Arc::new(TriageEngine::load(&self.triage)?);
        Ok(Arc::new(TriagePort { engine, exemplars, loaded: Mutex::default() }))
    }
}

/// Triage as the pipeline wants it.
struct TriagePort {
    engine: Arc<TriageEngine>,
    exemplars: Arc<dyn ExemplarStore>,
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

#[async_trait]
impl Triager for TriagePort {
    async fn triage(&self, input: &TriageInput<'_>) -> Triage {
        if let Err(error) = self.learn().await {
            tracing::warn!(%error, "the local exemplars cannot be read; those known go on to hold");
        }
        self.engine.triage(input)
    }
}
