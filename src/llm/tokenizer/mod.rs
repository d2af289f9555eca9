//! Text to token ids and back. Text of customers and documents can never become a control token: only what a chat
//! template itself wrote can. Knows nothing of networks or sampling.

mod from_gguf;
mod from_json;
mod pieces;
mod split_patterns;
#[cfg(test)]
mod tests;
mod vocabulary;

use super::{error::EngineError, gguf_metadata::GgufMetadata};
use aho_corasick::{AhoCorasick, MatchKind};
pub use pieces::{Detokenizer, PieceTable};
use std::{borrow::Cow, sync::Arc};
use vocabulary::Vocabulary;

/// Put after each character of a content that could begin a control token, and taken out again before encoding. It is
/// a Unicode noncharacter, so no text that is meant to be read contains it.
const GUARD: char = '\u{FDD0}';

/// Control tokens that end an answer, whatever the model calls them.
const END_TOKENS: [&str; 7] =
    ["<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>", "</s>"];

/// A model's tokenizer.
#[derive(Debug)]
pub struct Tokenizer {
    text: tokenizers::Tokenizer,
    template: TemplateTokens,
    pieces: Arc<PieceTable>,
    /// Put before every prompt when the model was trained so.
    begin: Option<u32>,
    begin_spelling: String,
    end_spelling: String,
    end_ids: Vec<u32>,
    vocabulary_size: usize,
}

impl Tokenizer {
    /// From the GGUF's own tables.
    pub fn from_gguf(metadata: &GgufMetadata) -> Result<Self, EngineError> {
        let vocabulary = Vocabulary::from_gguf(metadata)?;
        let text = from_gguf::text_tokenizer(metadata, &vocabulary)?;
        Self::assemble(text, &vocabulary, metadata)
    }

    /// From a published `tokenizer.json`; the GGUF still says which tokens begin and end.
    pub fn from_json(json: &[u8], metadata: &GgufMetadata) -> Result<Self, EngineError> {
        let (text, vocabulary) = from_json::read(json)?;
        Self::assemble(text, &vocabulary, metadata)
    }

    fn assemble(
        text: tokenizers::Tokenizer,
        vocabulary: &Vocabulary,
        metadata: &GgufMetadata,
    ) -> Result<Self, EngineError> {
        let spelling = |id: Option<u32>| {
            let entry = id.and_then(|id| vocabulary.entries.get(id as usize));
            entry.map(|entry| entry.spelling.clone()).unwrap_or_default()
        };
        let begin = metadata.token_id("tokenizer.ggml.bos_token_id");
        let end = metadata.token_id("tokenizer.ggml.eos_token_id");
        let begins = metadata
            .flag("tokenizer.ggml.add_bos_token")
            .unwrap_or(vocabulary.spelling == vocabulary::Spelling::SentencePiece);
        Ok(Self {
            text,
            template: TemplateTokens::new(vocabulary)?,
            pieces: Arc::new(PieceTable::new(vocabulary)),
            begin: begin.filter(|_| begins),
            begin_spelling: spelling(begin),
            end_spelling: spelling(end),
            end_ids: end_ids(vocabulary, metadata),
            vocabulary_size: vocabulary.entries.len(),
        })
    }

    /// Encodes plain text; nothing in it becomes a control token.
    pub fn encode_text(&self, text: &str) -> Result<Vec<u32>, EngineError> {
        let encoding = self.text.encode_fast(text, false).map_err(from_gguf::tokenizer_error)?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Makes a content safe to be put into a template: see [`Self::encode_prompt`].
    pub fn guard<'content>(&self, content: &'content str) -> Cow<'content, str> {
        self.template.guard(content)
    }

    /// Encodes a rendered template. Control tokens are recognised where the template wrote them; contents must have
    /// gone through [`Self::guard`], which keeps them text.
    pub fn encode_prompt(&self, rendered: &str) -> Result<Vec<u32>, EngineError> {
        let mut ids = Vec::with_capacity(rendered.len() / 3 + 8);
        for part in self.template.split(rendered) {
            match part {
                PromptPart::Token(id) => ids.push(id),
                PromptPart::Text(text) => ids.extend(self.encode_text(&text.replace(GUARD, ""))?),
            }
        }
        if let Some(begin) = self.begin
            && ids.first() != Some(&begin)
        {
            ids.insert(0, begin);
        }
        Ok(ids)
    }

    /// A fresh detokenizer for one answer.
    pub fn detokenizer(&self) -> Detokenizer {
        Detokenizer::new(Arc::clone(&self.pieces))
    }

    /// The fewest tokens a text of this many bytes can have.
    pub fn fewest_tokens(&self, bytes: usize) -> usize {
        bytes / self.pieces.longest_bytes()
    }

    /// What a token spells; nothing for control tokens.
    pub fn bytes_of(&self, id: u32) -> &[u8] {
        self.pieces.bytes_of(id)
    }

    /// Tokens that end an answer.
    pub fn end_ids(&self) -> &[u32] {
        &self.end_ids
    }

    /// Spelling of the token that begins a text, for templates; empty when there is none.
    pub fn begin_spelling(&self) -> &str {
        &self.begin_spelling
    }

    /// Spelling of the token that ends a text, for templates; empty when there is none.
    pub fn end_spelling(&self) -> &str {
        &self.end_spelling
    }

    /// How many ids there are.
    pub fn vocabulary_size(&self) -> usize {
        self.vocabulary_size
    }

    /// Whether a template may use this control token.
    pub fn has_control_token(&self, spelling: &str) -> bool {
        self.template.spellings.iter().any(|known| known == spelling)
    }
}

fn end_ids(vocabulary: &Vocabulary, metadata: &GgufMetadata) -> Vec<u32> {
    let keys = ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];
    let stated = keys.iter().filter_map(|key| metadata.token_id(key));
    let known = END_TOKENS.iter().filter_map(|spelling| vocabulary.control_id(spelling));
    let mut ids: Vec<u32> = stated.chain(known).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

enum PromptPart<'prompt> {
    Token(u32),
    Text(&'prompt str),
}

/// Finds control tokens in a rendered template.
#[derive(Debug)]
struct TemplateTokens {
    finder: AhoCorasick,
    ids: Vec<u32>,
    spellings: Vec<String>,
    strips: Vec<(bool, bool)>,
    first_characters: Vec<char>,
}

impl TemplateTokens {
    fn new(vocabulary: &Vocabulary) -> Result<Self, EngineError> {
        let tokens: Vec<_> = vocabulary.template_tokens().collect();
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(tokens.iter().map(|(_, entry)| &entry.spelling))
            .map_err(from_gguf::tokenizer_error)?;
        let mut first_characters: Vec<char> =
            tokens.iter().filter_map(|(_, entry)| entry.spelling.chars().next()).collect();
        first_characters.sort_unstable();
        first_characters.dedup();
        Ok(Self {
            finder,
            ids: tokens.iter().map(|(id, _)| *id).collect(),
            spellings: tokens.iter().map(|(_, entry)| entry.spelling.clone()).collect(),
            strips: tokens.iter().map(|(_, entry)| (entry.strip_left, entry.strip_right)).collect(),
            first_characters,
        })
    }

    fn guard<'content>(&self, content: &'content str) -> Cow<'content, str> {
        let touched = |character: char| character == GUARD || self.first_characters.contains(&character);
        if !content.contains(touched) {
            return Cow::Borrowed(content);
        }
        let mut guarded = String::with_capacity(content.len() + 16);
        for character in content.chars().filter(|character| *character != GUARD) {
            guarded.push(character);
            if self.first_characters.contains(&character) {
                guarded.push(GUARD);
            }
        }
        Cow::Owned(guarded)
    }

    fn split<'prompt>(&self, rendered: &'prompt str) -> Vec<PromptPart<'prompt>> {
        let mut parts = Vec::new();
        let mut from = 0;
        let mut strip_next = false;
        let push_text = |parts: &mut Vec<_>, mut text: &'prompt str, strip_start: bool, strip_end: bool| {
            if strip_start {
                text = text.trim_start();
            }
            if strip_end {
                text = text.trim_end();
            }
            if !text.is_empty() {
                parts.push(PromptPart::Text(text));
            }
        };
        for found in self.finder.find_iter(rendered) {
            let index = found.pattern().as_usize();
            let (strip_left, strip_right) = self.strips[index];
            push_text(&mut parts, &rendered[from..found.start()], strip_next, strip_left);
            parts.push(PromptPart::Token(self.ids[index]));
            from = found.end();
            strip_next = strip_right;
        }
        push_text(&mut parts, &rendered[from..], strip_next, false);
        parts
    }
}
