//! Counts the local chat model's tokens and times.

use super::names;
use crate::ports::model::{
    ChatModel, ChatRequest, GenerationEvent, GenerationStats, ModelError, ModelState, PromptMessage,
};
use futures_util::{StreamExt as _, stream::BoxStream};
use metrics::{counter, histogram};
use std::sync::Arc;

/// A chat model that counts.
pub struct MeteredChat(pub Arc<dyn ChatModel>);

impl ChatModel for MeteredChat {
    fn state(&self) -> ModelState {
        self.0.state()
    }

    fn generate(
        &self,
        request: ChatRequest,
    ) -> Result<BoxStream<'static, Result<GenerationEvent, ModelError>>, ModelError> {
        let counted = |event: &Result<GenerationEvent, ModelError>| match event {
            Ok(GenerationEvent::Done(stats)) => record(stats),
            Ok(GenerationEvent::Text(_)) => {}
            Err(_) => counter!(names::GENERATION_FAILURES).increment(1),
        };
        match self.0.generate(request) {
            Ok(stream) => Ok(stream.inspect(counted).boxed()),
            Err(error) => {
                counter!(names::GENERATION_FAILURES).increment(1);
                Err(error)
            }
        }
    }

    fn prepare(&self, beginnings: Vec<Vec<PromptMessage>>) -> BoxStream<'static, Result<(), ModelError>> {
        self.0.prepare(beginnings)
    }
}

fn record(stats: &GenerationStats) {
    let tokens = [
        ("prompt", stats.prompt_tokens),
        ("cached", stats.cached_tokens),
        ("generated", stats.generated_tokens),
    ];
    for (kind, count) in tokens {
        counter!(names::TOKENS, "kind" => kind).increment(count as u64);
    }
    let phases = [("queue", stats.queue_ms), ("prefill", stats.prefill_ms), ("decode", stats.decode_ms)];
    for (phase, elapsed_ms) in phases {
        histogram!(names::GENERATION_SECONDS, "phase" => phase).record(elapsed_ms as f64 / 1000.0);
    }
}
