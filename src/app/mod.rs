//! The composition root: builds everything in order, serves, and stops it in reverse. The only module that knows all others.

mod absent;
mod backups;
mod channels;
mod console;
mod doctor;
mod erasures;
mod hosted;
mod intake;
mod lifecycle;
mod mailbox_trial;
mod models;
mod monitoring;
mod owner;
mod policy;
mod privacy;
mod read_ahead;
mod relaying;
mod retrieval;
mod service;
mod serving;
mod tls;
mod upkeep;

pub use backups::{back_up, restore};
pub use channels::{ChannelAccount, MailboxParts, channel_accounts, mailboxes};
pub use doctor::{Finding, Severity, examine};
pub use mailbox_trial::{RoundTrip, check_mailbox, round_trip};
pub use models::{ModelPlan, network_settings};
pub use monitoring::day_report;
pub use privacy::{PrivacyDesk, export_to};
pub use read_ahead::read_ahead;
pub use relaying::serve_relay;
pub use serving::serve;
pub use tls::{SelfMade, self_made};
pub use upkeep::check_knowledge;

use crate::{
    config::{AnswerMode, Config, Synchronous},
    domain::{
        confidence::{Bands, Calibration},
        escalation::{EscalationCategory, Route, Urgency},
    },
    knowledge::Searcher,
    monitoring::MeteredChat,
    pipeline::{AnswerSettings, Answerer, Corrections},
    ports::{
        clock::{Clock as _, SystemClock},
        model::{ChatModel, Embedder, ModelState},
        retrieval::Retriever,
        triage::Triager,
    },
    store::{Durability, FailureRoute, Store, StoreOptions},
};
use anyhow::Context;
use jiff::SignedDuration;
use policy::Policies;
use retrieval::SearchPort;
use std::{sync::Arc, time::Duration};

/// The parts that answer: shared by the server and by `frontdesk ask`.
pub struct Assistant {
    pub store: Store,
    pub chat: Arc<dyn ChatModel>,
    pub embedder: Arc<dyn Embedder>,
    pub retriever: Arc<dyn Retriever>,
    pub triager: Arc<dyn Triager>,
    pub answerer: Arc<Answerer>,
    pub policies: Policies,
}

impl Assistant {
    /// Opens the store, starts loading the models in the background, reads the policies.
    ///
    /// # Errors
    /// When the data folder or a policy file cannot be used. A missing model is no error: answers then come from passages.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let policies = Policies::load(config.policy.directory.as_deref())?;
        // What our own failures leave unanswered goes to the general team within the hour.
        let route = policies.routing.route(EscalationCategory::General, Urgency::High, SystemClock.now());
        let store = open_store(config, Some(route))?;
        let plan = ModelPlan::new(config)?;
        let chat: Arc<dyn ChatModel> = Arc::new(MeteredChat(models::chat(config, &plan)));
        let embedder = models::embedder(&plan);
        let index = Arc::new(store.clone());
        let retriever: Arc<dyn Retriever> =
            Arc::new(SearchPort(Searcher::new(index.clone(), Some(embedder.clone()))));
        let triager = policies.triager(index.clone(), Some(embedder.clone()))?;
        let answerer = Answerer::new(
            retriever.clone(),
            chat.clone(),
            embedder.clone(),
            answer_settings(config, policies.confidence),
        )?
        .with_conflicts(index);
        Ok(Self { store, chat, embedder, retriever, triager, answerer: Arc::new(answerer), policies })
    }

    /// Marks decisions; the triager learns from it at once.
    pub fn corrections(&self) -> Corrections {
        Corrections {
            exemplars: Arc::new(self.store.clone()),
            triager: self.triager.clone(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Waits until every model is loaded or has failed.
    pub async fn models_loaded(&self) {
        let loading =
            || self.chat.state() == ModelState::Loading || self.embedder.state() == ModelState::Loading;
        while loading() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// The store and what marks decisions in it, without any model.
///
/// # Errors
/// When the data folder or a policy file cannot be used.
pub fn open_corrections(config: &Config) -> anyhow::Result<(Store, Corrections)> {
    let policies = Policies::load(config.policy.directory.as_deref())?;
    let store = open_store(config, None)?;
    let exemplars = Arc::new(store.clone());
    let triager = policies.triager(exemplars.clone(), None)?;
    Ok((store, Corrections { exemplars, triager, clock: Arc::new(SystemClock) }))
}

/// Opens (or makes) the store in the data folder. `route` takes what fails for good.
///
/// # Errors
/// When the folder cannot be made or the file cannot be opened.
pub fn open_store(config: &Config, route: Option<Route>) -> anyhow::Result<Store> {
    let folder = &config.data.directory;
    std::fs::create_dir_all(folder).with_context(|| {
        format!("the data folder {} cannot be made; set data.directory", folder.display())
    })?;
    let mut options = StoreOptions {
        ticket_prefix: config.company.ticket_prefix.clone(),
        durability: match config.data.synchronous {
            Synchronous::Normal => Durability::ProcessCrash,
            Synchronous::Full => Durability::PowerLoss,
        },
        ..StoreOptions::default()
    };
    options.keep_free_bytes = config.data.keep_free_mib.saturating_mul(1024 * 1024);
    options.job_retries.max_attempts = config.pipeline.max_attempts;
    if let Some(route) = route {
        options.failure_route = FailureRoute {
            team: route.team,
            mailbox: route.mailbox,
            due_within: SignedDuration::from_hours(1),
            promise: route.promise,
        };
    }
    let path = folder.join("frontdesk.db");
    Store::open(&path, options).with_context(|| format!("the store {} cannot be opened", path.display()))
}

fn answer_settings(config: &Config, calibration: Calibration) -> AnswerSettings {
    let answers = &config.answers;
    AnswerSettings {
        company: config.company.product.clone(),
        use_model: answers.mode == AnswerMode::Model && config.models.chat != "none",
        bands: Bands {
            send: answers.send_from,
            send_and_flag: answers.send_and_flag_from,
            hold: answers.hold_from,
        },
        calibration,
        max_tokens: answers.max_tokens,
        passages: answers.passages,
        model_timeout: Duration::from_millis(answers.model_timeout_ms),
    }
}
