//! The two model ports: a chat model that streams text and an embedder. Nothing here knows which engine runs.

use crate::domain::token_states::TokenStates;
use async_trait::async_trait;
use futures_util::stream::BoxStream;
use serde::Serialize;

/// Who speaks in a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PromptRole {
    System,
    User,
    Assistant,
}

impl PromptRole {
    /// The name chat templates use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

/// One turn of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptMessage {
    pub role: PromptRole,
    pub content: String,
}

/// What to generate and within which bounds.
#[derive(Debug, Clone)]
pub struct ChatRequest {
    pub messages: Vec<PromptMessage>,
    /// At most this many new tokens.
    pub max_tokens: usize,
    /// 0 means greedy: the same prompt gives the same text.
    pub temperature: f32,
    /// Nucleus mass in (0, 1]; ignored when greedy.
    pub top_p: f32,
    /// Seed of the sampler; ignored when greedy.
    pub seed: u64,
    /// Generation ends before any of these strings would be emitted.
    pub stop: Vec<String>,
    /// When there are any, the answer is one of these calls whatever the model would rather say: `<tool_call>`, a JSON object with
    /// `name` and `arguments`, `</tool_call>`.
    pub calls: Vec<CallShape>,
}

/// A call a model may say.
#[derive(Debug, Clone, PartialEq)]
pub struct CallShape {
    pub name: String,
    /// JSON Schema.
    pub arguments: serde_json::Value,
}

impl ChatRequest {
    /// A greedy request with the given token budget.
    pub fn greedy(messages: Vec<PromptMessage>, max_tokens: usize) -> Self {
        Self {
            messages,
            max_tokens,
            temperature: 0.0,
            top_p: 1.0,
            seed: 0,
            stop: Vec::new(),
            calls: Vec::new(),
        }
    }
}

/// Why generation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model said it was done, or a stop string came.
    Stop,
    /// The token budget was used up.
    Length,
}

/// Figures of one finished generation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GenerationStats {
    pub prompt_tokens: usize,
    /// Prompt tokens whose state came from a cache.
    pub cached_tokens: usize,
    pub generated_tokens: usize,
    /// Passes of the network that made them; fewer than tokens when guesses were right.
    pub passes: usize,
    /// Time waiting in the engine's queue, in milliseconds.
    pub queue_ms: u64,
    pub prefill_ms: u64,
    pub decode_ms: u64,
    pub finish: FinishReason,
}

/// A piece of a streamed generation. Text pieces are whole characters, in order; `Done` comes last, once.
#[derive(Debug, Clone, PartialEq)]
pub enum GenerationEvent {
    Text(String),
    Done(GenerationStats),
}

/// What a loaded model says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    pub id: String,
    pub architecture: String,
    /// Longest prompt plus answer in tokens.
    pub context_tokens: usize,
    pub file_bytes: u64,
}

/// Whether a model can answer now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    Loading,
    Ready(ModelInfo),
    /// Loading failed; the text says why, for the operator.
    Failed(String),
    /// No model is configured: answers are built from passages alone.
    Absent,
}

/// What can go wrong when a model is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelError {
    #[error("the model is still loading")]
    Loading,
    #[error("the model's queue is full")]
    Overloaded,
    #[error("no model is configured")]
    Absent,
    #[error("the prompt has {prompt_tokens} tokens, the model takes {context_tokens} with the answer")]
    PromptTooLong { prompt_tokens: usize, context_tokens: usize },
    #[error("the model failed: {0}")]
    Failed(String),
}

impl ModelError {
    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Loading | Self::Overloaded)
    }
}

/// A chat model. Dropping the stream cancels the generation and frees the model.
pub trait ChatModel: Send + Sync {
    fn state(&self) -> ModelState;

    /// Queues a generation. Refused at once with [`ModelError::Overloaded`] when the queue is full.
    fn generate(
        &self,
        request: ChatRequest,
    ) -> Result<BoxStream<'static, Result<GenerationEvent, ModelError>>, ModelError>;

    /// Reads beginnings of prompts while nothing else is to do, so that requests which start with the same messages are
    /// answered sooner, and keeps what it read across restarts; beginnings kept before and not named are forgotten. One item
    /// for each beginning, in order; dropping the stream ends the reading. A model without such a memory does nothing.
    fn prepare(&self, _beginnings: Vec<Vec<PromptMessage>>) -> BoxStream<'static, Result<(), ModelError>> {
        Box::pin(futures_util::stream::empty())
    }
}

/// Turns text into unit vectors. Texts longer than the model's window are cut at the window.
#[async_trait]
pub trait Embedder: Send + Sync {
    fn state(&self) -> ModelState;

    /// Length of every vector.
    fn dimensions(&self) -> usize;

    /// One L2-normalised vector a text, in order.
    async fn embed(&self, texts: Vec<String>) -> Result<Vec<Vec<f32>>, ModelError>;

    /// What the network holds of each token of a text behind its layer number `layer` (the first is 1), the whole text whatever its
    /// length. One that has no such states says why, as its state does.
    async fn token_states(&self, _text: String, _layer: usize) -> Result<TokenStates, ModelError> {
        match self.state() {
            ModelState::Loading => Err(ModelError::Loading),
            ModelState::Failed(reason) => Err(ModelError::Failed(reason)),
            ModelState::Ready(_) | ModelState::Absent => Err(ModelError::Absent),
        }
    }
}
