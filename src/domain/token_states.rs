//! What a language model makes of each token of a text: the raw matter for readers that judge words in their context.

use std::ops::Range;

/// States of the tokens of one text, in the order of the text.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TokenStates {
    /// The id of the model: states of another say nothing to who learnt from this one's.
    pub model: String,
    /// Where each token stands, in bytes of the text; none overlap.
    pub places: Vec<Range<usize>>,
    /// Values a token.
    pub width: usize,
    /// `[token][width]`.
    pub states: Vec<f32>,
}
