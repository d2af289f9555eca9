//! Searching as the pipeline wants it.

use crate::{
    domain::knowledge::RetrievedPassage,
    knowledge::Searcher,
    ports::{retrieval::Retriever, store::StoreError},
};
use async_trait::async_trait;

/// The searcher behind the pipeline's port.
pub struct SearchPort(pub Searcher);

#[async_trait]
impl Retriever for SearchPort {
    async fn search(&self, question: &str, limit: usize) -> Result<Vec<RetrievedPassage>, StoreError> {
        self.0.search(question, None, limit).await
    }
}
