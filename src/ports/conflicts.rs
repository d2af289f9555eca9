//! Faults found in the documents, kept so that operators see them and answers heed them.

use super::store::StoreError;
use crate::domain::{
    conflict::{Conflict, KeptConflict},
    ids::PassageId,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// Keeps conflicts. A passage that leaves the index takes its conflicts along.
#[async_trait]
pub trait ConflictStore: Send + Sync {
    /// Keeps what was found in place of what was found before. What is found again keeps its number and stays accepted.
    async fn keep_conflicts(&self, found: Vec<Conflict>, now: Timestamp) -> Result<(), StoreError>;
    /// In the order they were found; accepted ones only when asked for.
    async fn conflicts(&self, with_accepted: bool) -> Result<Vec<KeptConflict>, StoreError>;
    /// Those that nobody accepted and that one of the passages takes part in. Asked for every answer.
    async fn conflicts_of(&self, passages: &[PassageId]) -> Result<Vec<Conflict>, StoreError>;
    /// An operator found it to be none: it is no longer shown and holds no answer.
    async fn accept_conflict(&self, id: i64, operator: &str, now: Timestamp) -> Result<(), StoreError>;
}
