//! A chat model of a fixed cost, for tests of helper boxes. Only with the `fault-points` feature; absent from release builds.

use crate::ports::model::{
    ChatModel, ChatRequest, FinishReason, GenerationEvent, GenerationStats, ModelError, ModelInfo, ModelState,
};
use futures_util::{FutureExt as _, StreamExt as _, stream, stream::BoxStream};
use std::{sync::Arc, time::Duration};

/// Writes the same sentence after the same time, one draft at a time.
struct StubModel {
    cost: Duration,
    one_at_a_time: Arc<tokio::sync::Mutex<()>>,
}

/// The stub, where a test asks for it: `FRONTDESK_STUB_MODEL_COST_MS`.
pub(super) fn from_environment() -> Option<Arc<dyn ChatModel>> {
    #[expect(clippy::disallowed_methods, reason = "a test's switch, absent from release builds")]
    let cost = std::env::var("FRONTDESK_STUB_MODEL_COST_MS").ok()?.parse().ok()?;
    Some(Arc::new(StubModel { cost: Duration::from_millis(cost), one_at_a_time: Arc::default() }))
}

impl ChatModel for StubModel {
    fn state(&self) -> ModelState {
        ModelState::Ready(ModelInfo {
            id: "stub".to_owned(),
            architecture: "stub".to_owned(),
            context_tokens: 4096,
            file_bytes: 0,
        })
    }

    fn generate(
        &self,
        _: ChatRequest,
    ) -> Result<BoxStream<'static, Result<GenerationEvent, ModelError>>, ModelError> {
        let (cost, turn) = (self.cost, self.one_at_a_time.clone());
        let write = async move {
            let _turn = turn.lock_owned().await;
            #[expect(clippy::print_stderr, reason = "the test waits for this line")]
            {
                eprintln!("the stub drafts");
            }
            tokio::time::sleep(cost).await;
            let stats = GenerationStats {
                prompt_tokens: 0,
                cached_tokens: 0,
                generated_tokens: 1,
                passes: 1,
                queue_ms: 0,
                prefill_ms: 0,
                decode_ms: cost.as_millis() as u64,
                finish: FinishReason::Stop,
            };
            let text = "Open the settings of the workspace.".to_owned();
            stream::iter([Ok(GenerationEvent::Text(text)), Ok(GenerationEvent::Done(stats))])
        };
        Ok(write.into_stream().flatten().boxed())
    }
}
