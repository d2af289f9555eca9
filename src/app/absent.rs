//! Models that are not there: switched off, or not to be had.

use crate::ports::model::{ChatModel, ChatRequest, Embedder, GenerationEvent, ModelError, ModelState};
use async_trait::async_trait;
use futures_util::stream::BoxStream;

/// Stands where a model would; says why there is none.
pub struct NoModel {
    state: ModelState,
    dimensions: usize,
}

impl NoModel {
    /// Switched off by the operator.
    pub fn switched_off(dimensions: usize) -> Self {
        Self { state: ModelState::Absent, dimensions }
    }

    /// Wanted, but not to be had.
    pub fn failed(reason: String, dimensions: usize) -> Self {
        Self { state: ModelState::Failed(reason), dimensions }
    }
}

impl ChatModel for NoModel {
    fn state(&self) -> ModelState {
        self.state.clone()
    }

    fn generate(
        &self,
        _: ChatRequest,
    ) -> Result<BoxStream<'static, Result<GenerationEvent, ModelError>>, ModelError> {
        Err(ModelError::Absent)
    }
}

#[async_trait]
impl Embedder for NoModel {
    fn state(&self) -> ModelState {
        self.state.clone()
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    async fn embed(&self, _: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError> {
        Err(ModelError::Absent)
    }
}
