//! From evidence to a probability, and from a probability to what may happen with a draft.

use serde::{Deserialize, Serialize};

/// What speaks for an answer. All values are measured before anything is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evidence {
    /// Cosine similarity of the question to the best passage's nearest sentence, 0..1; `None` without an embedder.
    pub similarity: Option<f32>,
    /// Share of the question's informative words the best passage holds, in these or other words, 0..1.
    pub word_coverage: f32,
    /// How much of the belief, over all that was found, falls to the best passage, 0..1.
    pub certainty: f32,
    /// The question names something that no document names.
    pub unknown_name: bool,
    /// Share of the drafted sentences that were supported, 0..1.
    pub supported_share: f32,
    /// The body is the passage's own text.
    pub verbatim: bool,
}

/// Weights of the logistic calibration, from `confidence.toml`. `frontdesk eval answers --fit` fits them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    pub intercept: f32,
    pub similarity: f32,
    pub word_coverage: f32,
    pub certainty: f32,
    pub unknown_name: f32,
    pub supported_share: f32,
    pub verbatim: f32,
}

/// Probability that the answer is right, 0..1: a logistic regression over the evidence.
/// Without an embedder the words must carry the whole weight, so the coverage counts in similarity's place, scaled down.
pub fn confidence(evidence: Evidence, calibration: &Calibration) -> f32 {
    let similarity = evidence.similarity.unwrap_or(evidence.word_coverage * 0.8);
    let logit = calibration.intercept
        + calibration.similarity * similarity
        + calibration.word_coverage * evidence.word_coverage
        + calibration.certainty * evidence.certainty
        + calibration.unknown_name * f32::from(u8::from(evidence.unknown_name))
        + calibration.supported_share * evidence.supported_share
        + calibration.verbatim * f32::from(u8::from(evidence.verbatim));
    1.0 / (1.0 + (-logit).exp())
}

/// Lower bounds of the bands.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bands {
    /// At or above: sent.
    pub send: f32,
    /// At or above: sent, and a person reviews it within four hours.
    pub send_and_flag: f32,
    /// At or above: held until a person approves. Below: a hard case.
    pub hold: f32,
}

impl Default for Bands {
    fn default() -> Self {
        Self { send: 0.8, send_and_flag: 0.6, hold: 0.4 }
    }
}

/// What a confidence allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Band {
    Send,
    SendAndFlag,
    Hold,
    HardCase,
}

impl Bands {
    /// The band of a confidence. Anything that is no number is a hard case.
    pub fn band(&self, confidence: f32) -> Band {
        if confidence >= self.send {
            Band::Send
        } else if confidence >= self.send_and_flag {
            Band::SendAndFlag
        } else if confidence >= self.hold {
            Band::Hold
        } else {
            Band::HardCase
        }
    }
}
