//! Finding passages for a question.

use super::store::StoreError;
use crate::domain::knowledge::RetrievedPassage;
use async_trait::async_trait;

/// Hybrid search over the company's documents.
#[async_trait]
pub trait Retriever: Send + Sync {
    /// The best passages first, at most `limit`. Works by words alone while the embedding model is not there.
    async fn search(&self, question: &str, limit: usize) -> Result<Vec<RetrievedPassage>, StoreError>;
}
