//! Taking documents in from the console: files that are kept on the box and indexed in the background.

use crate::ports::store::StoreError;
use async_trait::async_trait;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is to be indexed.
#[derive(Debug)]
pub enum IntakeWork {
    /// File names with their bytes. A name that is there already is replaced.
    Add(Vec<(String, Vec<u8>)>),
    /// Everything that came from the console, again.
    Reindex,
}

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IntakeState {
    Running,
    Done,
    Failed,
}

/// A file that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IntakeError {
    pub file: String,
    pub message: String,
}

/// A job's progress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct IntakeJob {
    pub id: Uuid,
    pub state: IntakeState,
    pub done: usize,
    pub total: usize,
    /// The document indexed last.
    pub current: Option<String>,
    pub errors: Vec<IntakeError>,
}

/// Takes documents in.
#[async_trait]
pub trait KnowledgeIntake: Send + Sync {
    /// Keeps the files and begins to index them; the job goes on by itself. Refused with `bad_file` when a name is no document's.
    async fn start(&self, work: IntakeWork) -> Result<IntakeJob, StoreError>;
    /// One of the latest jobs.
    fn job(&self, id: Uuid) -> Option<IntakeJob>;
    /// Whether the document came from the console, so that it can be removed here for good.
    fn owns(&self, source: &str) -> bool;
    /// Removes a document's file, if it came from the console.
    async fn forget(&self, source: &str) -> Result<(), StoreError>;
}
