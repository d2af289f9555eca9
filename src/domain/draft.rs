//! The assistant's proposed answer and how well it is supported.

use super::{ids::PassageId, knowledge::Source, ticket::text_enum};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

text_enum!(
    /// How a draft was made.
    DraftOrigin {
        /// Worded by the local model, every sentence verified.
        Model => "model",
        /// Taken from the passage as it stands.
        Passage => "passage",
        /// Worded by a hosted model, verified like the local one's.
        Hosted => "hosted",
    }
);

/// One sentence of a draft and what carries it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SentenceSupport {
    pub text: String,
    pub supported: bool,
    /// The passage that supports it best.
    pub passage_id: Option<PassageId>,
    /// Best cosine similarity to a sentence of a passage, when an embedder was there.
    pub similarity: Option<f32>,
    /// Why it was dropped: `number`, `url`, `path`, `quoted_label`, `meaning`.
    pub fault: Option<String>,
}

/// An answer before formatting: body text only, no greeting and no sign-off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub body: String,
    pub origin: DraftOrigin,
    pub sources: Vec<Source>,
    pub sentences: Vec<SentenceSupport>,
    /// Calibrated probability that the answer is right and complete, 0..1.
    pub confidence: f32,
}
