//! Builds the text tokenizer from the vocabulary and merges a GGUF file carries.

use super::{
    split_patterns::{SplitRules, rules_for},
    vocabulary::{Spelling, TokenKind, Vocabulary},
};
use crate::llm::{error::EngineError, gguf_metadata::GgufMetadata};
use std::collections::HashMap;
use tokenizers::{
    AddedToken, PreTokenizerWrapper, SplitDelimiterBehavior,
    models::bpe::{BPE, Vocab},
    normalizers::{NFC, Prepend, Replace, Sequence as NormalizerSequence},
    pre_tokenizers::{
        byte_level::ByteLevel,
        digits::Digits,
        sequence::Sequence as PreTokenizerSequence,
        split::{Split, SplitPattern},
    },
};

type Merges = Vec<(String, String)>;

/// The tokenizer for text; control tokens are unknown to it on purpose.
pub(super) fn text_tokenizer(
    metadata: &GgufMetadata,
    vocabulary: &Vocabulary,
) -> Result<tokenizers::Tokenizer, EngineError> {
    let mut tokenizer = match vocabulary.spelling {
        Spelling::ByteLevel => byte_level(metadata, vocabulary)?,
        Spelling::SentencePiece => sentence_piece(metadata, vocabulary)?,
    };
    let whole = vocabulary.entries.iter().filter(|entry| entry.kind == TokenKind::WholeText);
    tokenizer
        .add_tokens(
            whole.map(|entry| AddedToken::from(entry.spelling.replace('▁', " "), false).normalized(false)),
        )
        .map_err(tokenizer_error)?;
    Ok(tokenizer)
}

fn byte_level(
    metadata: &GgufMetadata,
    vocabulary: &Vocabulary,
) -> Result<tokenizers::Tokenizer, EngineError> {
    let rules = rules_for(metadata.text("tokenizer.ggml.pre"))?;
    let merges = metadata.texts("tokenizer.ggml.merges").ok_or(EngineError::MissingMetadata {
        key: "tokenizer.ggml.merges",
        purpose: "build words from bytes",
    })?;
    let merges: Option<Merges> = merges
        .into_iter()
        .map(|line| line.split_once(' ').map(|(left, right)| (left.to_owned(), right.to_owned())))
        .collect();
    let merges =
        merges.ok_or_else(|| EngineError::Tokenizer("a merge has no blank between its parts".into()))?;
    let model = BPE::builder()
        .vocab_and_merges(vocabulary.text_ids().into_iter().collect::<Vocab>(), merges)
        .ignore_merges(rules.whole_words_first)
        .build()
        .map_err(tokenizer_error)?;
    let mut tokenizer = tokenizers::Tokenizer::new(model);
    if rules.normalize_nfc {
        tokenizer.with_normalizer(Some(NFC)).map_err(tokenizer_error)?;
    }
    tokenizer.with_pre_tokenizer(Some(splitter(rules)?));
    Ok(tokenizer)
}

fn splitter(rules: SplitRules) -> Result<PreTokenizerSequence, EngineError> {
    let mut steps: Vec<PreTokenizerWrapper> = Vec::new();
    if rules.single_digits {
        steps.push(Digits::new(true).into());
    }
    if let Some(pattern) = rules.word {
        let pattern = SplitPattern::Regex(pattern.to_owned());
        steps.push(
            Split::new(pattern, SplitDelimiterBehavior::Isolated, false).map_err(tokenizer_error)?.into(),
        );
    }
    steps.push(ByteLevel::new(false, false, rules.word.is_none()).into());
    Ok(PreTokenizerSequence::new(steps))
}

fn sentence_piece(
    metadata: &GgufMetadata,
    vocabulary: &Vocabulary,
) -> Result<tokenizers::Tokenizer, EngineError> {
    let scores = metadata.floats("tokenizer.ggml.scores").ok_or(EngineError::MissingMetadata {
        key: "tokenizer.ggml.scores",
        purpose: "build words from characters",
    })?;
    let ids = vocabulary.text_ids();
    let merges = merges_by_score(&ids, &scores);
    let model = BPE::builder()
        .vocab_and_merges(ids.into_iter().collect::<Vocab>(), merges)
        .byte_fallback(true)
        .fuse_unk(true)
        .build()
        .map_err(tokenizer_error)?;
    let mut tokenizer = tokenizers::Tokenizer::new(model);
    let blank = Replace::new(" ", "▁").map_err(tokenizer_error)?;
    let mut steps = vec![blank.into()];
    if metadata.flag("tokenizer.ggml.add_space_prefix").unwrap_or(true) {
        steps.insert(0, Prepend::new("▁".to_owned()).into());
    }
    tokenizer.with_normalizer(Some(NormalizerSequence::new(steps))).map_err(tokenizer_error)?;
    Ok(tokenizer)
}

/// SentencePiece files list scores, not merges: a piece may be joined from any two pieces that spell it, and the
/// higher its score the earlier (as `SentencePieceExtractor` of Hugging Face transformers does it).
fn merges_by_score(ids: &HashMap<String, u32>, scores: &[f32]) -> Merges {
    let mut merges: Vec<(f32, u32, u32, &str, &str)> = Vec::new();
    for (piece, &id) in ids {
        let score = scores.get(id as usize).copied().unwrap_or(f32::MIN);
        for (cut, _) in piece.char_indices().skip(1) {
            let (left, right) = piece.split_at(cut);
            if let (Some(&left_id), Some(&right_id)) = (ids.get(left), ids.get(right)) {
                merges.push((score, left_id, right_id, left, right));
            }
        }
    }
    merges
        .sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)).then(one.2.cmp(&other.2)));
    merges.into_iter().map(|(_, _, _, left, right)| (left.to_owned(), right.to_owned())).collect()
}

pub(super) fn tokenizer_error(error: impl std::fmt::Display) -> EngineError {
    EngineError::Tokenizer(error.to_string())
}
