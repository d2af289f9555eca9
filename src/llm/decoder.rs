//! What generation needs from a network: logits for tokens, for several sequences in one pass. The network behind it is
//! another module's matter, so generation is tested with a scripted one.

use super::error::EngineError;

/// What a network says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecoderFacts {
    pub architecture: String,
    /// The longest sequence it was trained for, in tokens.
    pub context_tokens: usize,
    /// Logits of a row.
    pub vocabulary: usize,
    pub file_bytes: u64,
}

/// Tokens to append to one sequence.
#[derive(Debug)]
pub struct Pass<'pass, S> {
    pub sequence: &'pass mut S,
    pub tokens: &'pass [u32],
    /// Of how many of the last tokens the logits are wanted.
    pub wanted: usize,
}

/// A decoder network with its sequences' states.
pub trait Decoder: Send + 'static {
    /// The state of one sequence.
    type Sequence: Send;

    fn facts(&self) -> DecoderFacts;

    /// A sequence for this prompt with room for `capacity` tokens. It may already hold a part of the prompt from a
    /// cache, but never all of it: the last token's logits are still to be had.
    fn begin(&mut self, prompt: &[u32], capacity: usize) -> Result<Self::Sequence, EngineError>;

    /// Tokens a sequence holds.
    fn length(&self, sequence: &Self::Sequence) -> usize;

    /// Forgets a sequence's tokens from `length` on.
    fn truncate(&mut self, sequence: &mut Self::Sequence, length: usize);

    /// Appends tokens to sequences and returns the wanted logits: pass after pass, row after row.
    fn run(&mut self, passes: &mut [Pass<'_, Self::Sequence>]) -> Result<&[f32], EngineError>;

    /// Guesses up to `most` tokens that may follow; a wrong guess costs time, never a wrong answer.
    fn propose(&self, _context: &[u32], _most: usize) -> Vec<u32> {
        Vec::new()
    }

    /// Called once a sequence holds its whole prompt, so that a later prompt that begins alike may start from it; with
    /// `keep` across restarts.
    fn remember(&mut self, _prompt: &[u32], _sequence: &Self::Sequence, _keep: bool) {}

    /// Whether the state of exactly these tokens is kept across restarts, or nothing is.
    fn keeps(&mut self, _prompt: &[u32]) -> bool {
        true
    }

    /// Forgets what is kept across restarts but for these prompts.
    fn keep_only(&mut self, _prompts: &[Vec<u32>]) {}
}
