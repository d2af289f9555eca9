//! What box and helper say to each other about a draft. Pure.

use crate::ports::model::{
    ChatRequest, FinishReason, GenerationStats, ModelError, PromptMessage, PromptRole,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The form of these messages. A helper of another version takes nothing.
pub const VERSION: u32 = 1;
/// More than this no helper is asked to write, whoever asks.
const MAX_TOKENS: usize = 4_096;

/// A draft on offer. Its answers go to the message's response topic with its correlation data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    pub version: u32,
    pub messages: Vec<OfferedMessage>,
    pub max_tokens: usize,
    pub temperature: f32,
    pub top_p: f32,
    pub seed: u64,
    pub stop: Vec<String>,
}

/// One message of its prompt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OfferedMessage {
    /// `system`, `user` or `assistant`.
    pub role: String,
    pub content: String,
}

/// What a helper says of an offer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Reply {
    /// A helper works on it; said again as long as it does.
    Working {
        helper: String,
    },
    Done {
        text: String,
        figures: Figures,
    },
    Failed {
        error: String,
    },
}

/// Of one generation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Figures {
    pub prompt_tokens: usize,
    pub cached_tokens: usize,
    pub generated_tokens: usize,
    pub passes: usize,
    pub queue_ms: u64,
    pub prefill_ms: u64,
    pub decode_ms: u64,
    /// Ended at the token budget.
    pub cut: bool,
}

/// A helper that is there, on its own retained topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    pub version: u32,
    /// Drafts it makes at once.
    pub slots: usize,
    pub model: String,
}

impl Offer {
    pub fn new(request: &ChatRequest) -> Self {
        let message = |message: &PromptMessage| OfferedMessage {
            role: message.role.as_str().to_owned(),
            content: message.content.clone(),
        };
        Self {
            version: VERSION,
            messages: request.messages.iter().map(message).collect(),
            max_tokens: request.max_tokens,
            temperature: request.temperature,
            top_p: request.top_p,
            seed: request.seed,
            stop: request.stop.clone(),
        }
    }

    /// The request for this machine's own model.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn into_request(self) -> Result<ChatRequest, &'static str> {
        if self.version != VERSION {
            return Err("it is of another version");
        }
        if !(1..=MAX_TOKENS).contains(&self.max_tokens) || self.messages.is_empty() {
            return Err("it asks for nothing, or for too much");
        }
        if !(self.temperature.is_finite() && self.temperature >= 0.0 && self.top_p > 0.0 && self.top_p <= 1.0)
        {
            return Err("its sampling makes no sense");
        }
        let message = |message: OfferedMessage| {
            let role = match message.role.as_str() {
                "system" => PromptRole::System,
                "user" => PromptRole::User,
                "assistant" => PromptRole::Assistant,
                _ => return Err("it names a role that nobody has"),
            };
            Ok(PromptMessage { role, content: message.content })
        };
        Ok(ChatRequest {
            messages: self.messages.into_iter().map(message).collect::<Result<_, _>>()?,
            max_tokens: self.max_tokens,
            temperature: self.temperature,
            top_p: self.top_p,
            seed: self.seed,
            stop: self.stop,
            calls: Vec::new(),
        })
    }
}

impl From<GenerationStats> for Figures {
    fn from(stats: GenerationStats) -> Self {
        Self {
            prompt_tokens: stats.prompt_tokens,
            cached_tokens: stats.cached_tokens,
            generated_tokens: stats.generated_tokens,
            passes: stats.passes,
            queue_ms: stats.queue_ms,
            prefill_ms: stats.prefill_ms,
            decode_ms: stats.decode_ms,
            cut: stats.finish == FinishReason::Length,
        }
    }
}

impl From<Figures> for GenerationStats {
    fn from(figures: Figures) -> Self {
        Self {
            prompt_tokens: figures.prompt_tokens,
            cached_tokens: figures.cached_tokens,
            generated_tokens: figures.generated_tokens,
            passes: figures.passes,
            queue_ms: figures.queue_ms,
            prefill_ms: figures.prefill_ms,
            decode_ms: figures.decode_ms,
            finish: if figures.cut { FinishReason::Length } else { FinishReason::Stop },
        }
    }
}

/// The offer an answer belongs to; `None` when it says none.
pub fn offer_of(correlation: Option<&[u8]>) -> Option<Uuid> {
    correlation.and_then(|data| Uuid::from_slice(data).ok())
}

/// What a helper says of its model's failure.
pub fn failed(error: &ModelError) -> Reply {
    Reply::Failed { error: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn request() -> ChatRequest {
        let message = PromptMessage { role: PromptRole::User, content: "How do I export?".to_owned() };
        ChatRequest { stop: vec!["\n\n".to_owned()], ..ChatRequest::greedy(vec![message], 220) }
    }

    #[test]
    fn a_request_arrives_as_it_was_sent() {
        let json = serde_json::to_vec(&Offer::new(&request())).expect("written");
        let offer: Offer = serde_json::from_slice(&json).expect("read");
        let arrived = offer.into_request().expect("usable");
        assert_eq!(Offer::new(&arrived), Offer::new(&request()));
    }

    #[rstest]
    #[case::version(Offer { version: 2, ..Offer::new(&request()) })]
    #[case::no_end(Offer { max_tokens: usize::MAX, ..Offer::new(&request()) })]
    #[case::nothing(Offer { messages: Vec::new(), ..Offer::new(&request()) })]
    #[case::sampling(Offer { top_p: f32::NAN, ..Offer::new(&request()) })]
    #[case::role(Offer { messages: vec![OfferedMessage { role: "root".to_owned(), content: String::new() }], ..Offer::new(&request()) })]
    fn an_offer_that_makes_no_sense_is_left(#[case] offer: Offer) {
        assert!(offer.into_request().is_err());
    }
}
