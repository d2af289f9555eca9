//! A model's tokens: what each is and which bytes it stands for. Knows nothing of how text is split.

use crate::llm::{error::EngineError, gguf_metadata::GgufMetadata};
use std::collections::HashMap;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A piece of text.
    Text,
    /// One raw byte (`<0x0A>`), for text outside the vocabulary.
    Byte,
    /// Text that is matched whole before anything else (runs of blanks in some vocabularies).
    WholeText,
    /// Steers the model (`<|im_start|>`). Only the chat template may write it, and it is never shown.
    Control,
    /// Markup the model itself may write (`<tool_call>`). Only the template may put it in a prompt.
    Markup,
    /// A filler without meaning.
    Unused,
}

/// How a token's spelling stands for bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    /// GPT-2: every byte has a printable stand-in character.
    ByteLevel,
    /// SentencePiece: plain text with `▁` for a blank.
    SentencePiece,
}

/// One token.
#[derive(Debug, Clone)]
pub(super) struct TokenEntry {
    pub spelling: String,
    pub kind: TokenKind,
    /// Blanks right before (after) the token in a template belong to it.
    pub strip_left: bool,
    pub strip_right: bool,
}

/// All tokens by id.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub entries: Vec<TokenEntry>,
    pub spelling: Spelling,
}

impl Vocabulary {
    /// The vocabulary a GGUF file lists.
    pub fn from_gguf(metadata: &GgufMetadata) -> Result<Self, EngineError> {
        let spelling = match metadata.text("tokenizer.ggml.model") {
            Some("gpt2") => Spelling::ByteLevel,
            Some("llama") => Spelling::SentencePiece,
            Some(other) => {
                return Err(EngineError::Unsupported {
                    what: "tokenizer",
                    name: other.to_owned(),
                    supported: "gpt2 (byte-level BPE), llama (SentencePiece BPE)",
                });
            }
            None => {
                let purpose = "turn text into tokens";
                return Err(EngineError::MissingMetadata { key: "tokenizer.ggml.model", purpose });
            }
        };
        let tokens = metadata.texts("tokenizer.ggml.tokens").ok_or(EngineError::MissingMetadata {
            key: "tokenizer.ggml.tokens",
            purpose: "turn text into tokens",
        })?;
        let types = metadata.counts("tokenizer.ggml.token_type").unwrap_or_default();
        // Phi-3 swallows the blanks after its control tokens; the file format has no field for it.
        let strip_right = metadata.architecture() == Some("phi3");
        let entries = tokens
            .into_iter()
            .enumerate()
            .map(|(id, spelling)| {
                let kind = kind_of(types.get(id).copied().unwrap_or(1), spelling);
                let strip_right = strip_right && kind == TokenKind::Control && spelling != "<|endoftext|>";
                TokenEntry { spelling: spelling.to_owned(), kind, strip_left: false, strip_right }
            })
            .collect();
        Ok(Self { entries, spelling })
    }

    /// Spelling to id for the tokens that text may become.
    pub fn text_ids(&self) -> HashMap<String, u32> {
        let usable = |kind| matches!(kind, TokenKind::Text | TokenKind::Byte | TokenKind::WholeText);
        (0u32..)
            .zip(&self.entries)
            .filter(|(_, entry)| usable(entry.kind))
            .map(|(id, entry)| (entry.spelling.clone(), id))
            .collect()
    }

    /// The tokens that only a template may write.
    pub fn template_tokens(&self) -> impl Iterator<Item = (u32, &TokenEntry)> {
        (0u32..)
            .zip(&self.entries)
            .filter(|(_, entry)| matches!(entry.kind, TokenKind::Control | TokenKind::Markup))
            .filter(|(_, entry)| !entry.spelling.is_empty())
    }

    /// The id of a control token by its spelling.
    pub fn control_id(&self, spelling: &str) -> Option<u32> {
        self.template_tokens().find(|(_, entry)| entry.spelling == spelling).map(|(id, _)| id)
    }
}

/// The token types of the GGUF format: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
fn kind_of(number: usize, spelling: &str) -> TokenKind {
    match number {
        2 | 3 => TokenKind::Control,
        4 => user_defined_kind(spelling),
        5 => TokenKind::Unused,
        6 => TokenKind::Byte,
        _ => TokenKind::Text,
    }
}

/// User-defined tokens are either markup or text to be matched whole. A customer must not be able to forge markup,
/// so whatever looks like a tag belongs to the template alone.
pub(super) fn user_defined_kind(spelling: &str) -> TokenKind {
    let tagged = |open, close| spelling.starts_with(open) && spelling.ends_with(close) && spelling.len() > 2;
    if tagged('<', '>') || tagged('[', ']') { TokenKind::Markup } else { TokenKind::WholeText }
}
