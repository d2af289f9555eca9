//! Builds the text tokenizer from a published `tokenizer.json`. Its control tokens are taken out of the text tokenizer
//! and kept for templates alone.

use super::{
    from_gguf::tokenizer_error,
    vocabulary::{Spelling, TokenEntry, TokenKind, Vocabulary, user_defined_kind},
};
use crate::llm::error::EngineError;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Highest token id accepted; a larger one is a broken file, not a vocabulary.
const MAX_TOKEN_ID: u64 = 4_000_000;

#[derive(Deserialize)]
struct AddedTokenEntry {
    id: u64,
    content: String,
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
    #[serde(default)]
    special: bool,
}

/// Splits the file into the tokenizer for text and the table of all tokens.
pub(super) fn read(json: &[u8]) -> Result<(tokenizers::Tokenizer, Vocabulary), EngineError> {
    let mut root: Value = serde_json::from_slice(json).map_err(tokenizer_error)?;
    let added = root.get_mut("added_tokens").map(Value::take).unwrap_or_default();
    let spelling = spelling_of(&root);
    let words = root.pointer_mut("/model/vocab").and_then(Value::as_object_mut).ok_or_else(|| {
        tokenizer_error("tokenizer.json has no BPE vocabulary; only BPE models are supported")
    })?;
    let mut vocabulary = Vocabulary { entries: Vec::new(), spelling };
    for (word, id) in words.iter() {
        let kind = if is_byte(word) { TokenKind::Byte } else { TokenKind::Text };
        place(&mut vocabulary, id.as_u64(), word, kind, (false, false))?;
    }
    let kept = split_added(added, words, &mut vocabulary)?;
    root["added_tokens"] = Value::Array(kept);
    root["truncation"] = Value::Null;
    root["padding"] = Value::Null;
    let tokenizer = serde_json::from_value(root).map_err(tokenizer_error)?;
    Ok((tokenizer, vocabulary))
}

/// Takes the template's tokens out of the words and returns the added tokens that text may still become.
fn split_added(
    added: Value,
    words: &mut Map<String, Value>,
    vocabulary: &mut Vocabulary,
) -> Result<Vec<Value>, EngineError> {
    let mut kept = Vec::new();
    let Value::Array(added) = added else { return Ok(kept) };
    for token in added {
        let entry = AddedTokenEntry::deserialize(&token).map_err(tokenizer_error)?;
        let kind = if entry.special { TokenKind::Control } else { user_defined_kind(&entry.content) };
        place(vocabulary, Some(entry.id), &entry.content, kind, (entry.lstrip, entry.rstrip))?;
        if kind == TokenKind::WholeText {
            words.insert(entry.content, entry.id.into());
            kept.push(token);
        } else {
            words.remove(&entry.content);
        }
    }
    Ok(kept)
}

fn place(
    vocabulary: &mut Vocabulary,
    id: Option<u64>,
    spelling: &str,
    kind: TokenKind,
    (strip_left, strip_right): (bool, bool),
) -> Result<(), EngineError> {
    let id = id
        .filter(|id| *id <= MAX_TOKEN_ID)
        .ok_or_else(|| tokenizer_error("tokenizer.json has a token without a usable id"))?
        as usize;
    if vocabulary.entries.len() <= id {
        let unused = TokenEntry {
            spelling: String::new(),
            kind: TokenKind::Unused,
            strip_left: false,
            strip_right: false,
        };
        vocabulary.entries.resize(id + 1, unused);
    }
    vocabulary.entries[id] = TokenEntry { spelling: spelling.to_owned(), kind, strip_left, strip_right };
    Ok(())
}

fn is_byte(word: &str) -> bool {
    word.len() == 6 && word.starts_with("<0x") && word.ends_with('>')
}

fn spelling_of(root: &Value) -> Spelling {
    let names_byte_level =
        |part: &str| root.get(part).is_some_and(|value| value.to_string().contains("\"ByteLevel\""));
    if names_byte_level("decoder") || names_byte_level("pre_tokenizer") {
        Spelling::ByteLevel
    } else {
        Spelling::SentencePiece
    }
}
