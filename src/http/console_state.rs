//! What the console's handlers share.

use super::{console_live::ConsoleHub, rate_limit::RateLimit};
use crate::{
    pipeline::{Answerer, LiveSettings},
    ports::{
        conflicts::ConflictStore,
        console::{
            Analytics, CompanySettings, ConsoleActions, ConsoleInbox, ConsoleReports, ConsoleSettings,
            KnowledgeIntake,
        },
        operators::OperatorStore,
        privacy::Privacy,
        retrieval::Retriever,
        store::DeadLetters,
        triage::Triager,
    },
};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::Semaphore;

/// A policy file as it is in force.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct PolicyFile {
    pub name: String,
    pub text: String,
    /// The operator's own, in place of the shipped one.
    pub own: bool,
}

/// Space on the disk that holds the data, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
pub struct DiskSpace {
    pub free_bytes: u64,
    pub total_bytes: u64,
    pub database_bytes: u64,
    /// So little is left that messages may soon be refused.
    pub low: bool,
}

/// Reads the space that is left.
pub type DiskReader = Arc<dyn Fn() -> DiskSpace + Send + Sync>;

/// Company settings as they are now.
pub struct LiveCompany(RwLock<Arc<CompanySettings>>);

impl LiveCompany {
    pub fn new(settings: CompanySettings) -> Self {
        Self(RwLock::new(Arc::new(settings)))
    }

    pub fn now(&self) -> Arc<CompanySettings> {
        // A panic while holding this lock leaves a whole value behind.
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn replace(&self, settings: CompanySettings) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
    }
}

/// Shared by the console's handlers.
pub struct ConsoleState {
    pub operators: Arc<dyn OperatorStore>,
    pub inbox: Arc<dyn ConsoleInbox>,
    pub actions: Arc<dyn ConsoleActions>,
    pub settings: Arc<dyn ConsoleSettings>,
    pub reports: Arc<dyn ConsoleReports>,
    pub analytics: Arc<dyn Analytics>,
    pub dead_letters: Arc<dyn DeadLetters>,
    pub conflicts: Arc<dyn ConflictStore>,
    pub retriever: Arc<dyn Retriever>,
    pub triager: Arc<dyn Triager>,
    pub answerer: Arc<Answerer>,
    pub intake: Arc<dyn KnowledgeIntake>,
    pub privacy: Arc<dyn Privacy>,
    pub hub: Arc<ConsoleHub>,
    pub company: LiveCompany,
    pub desk: LiveSettings,
    pub policy_files: Vec<PolicyFile>,
    pub disk: DiskReader,
    /// Sign-ins one address may try a minute.
    pub sign_ins: RateLimit,
    /// Passwords hashed at once: each takes 19 MiB and tens of milliseconds of a core.
    pub hashing: Semaphore,
    /// Live streams that may still be opened.
    pub streams: Arc<Semaphore>,
    /// The box is reached over https: cookies are kept to it.
    pub secure: bool,
}
