//! The sentences, steps and rows of a passage, and which of them answer a question.

use super::words::coverage;
use crate::{
    domain::{knowledge::Passage, text::constant_pattern},
    knowledge::{
        chunking::blocks::{BlockKind, parse_blocks},
        words::informative_words,
    },
    ports::model::{Embedder, ModelError, ModelState},
};
use regex::Regex;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

/// What a piece of a passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SentenceKind {
    Sentence,
    /// A numbered step: of use only with its neighbours.
    Step,
    Bullet,
    TableRow,
    Code,
}

/// A piece of a passage with its worth for a question.
#[derive(Debug, Clone, PartialEq)]
pub struct SentenceMatch {
    /// Its place in the passage, from 0.
    pub index: usize,
    /// Which paragraph, list or table it is part of, from 0.
    pub block: usize,
    pub kind: SentenceKind,
    /// Markdown as in the passage, list marker included.
    pub text: String,
    pub score: f32,
    /// Cosine similarity to the question; `None` without an embedder.
    pub similarity: Option<f32>,
    /// Share of the question's informative words, 0..1.
    pub word_coverage: f32,
}

/// How much the words count beside the meaning.
const COVERAGE_WEIGHT: f32 = 0.3;

/// The passage's pieces, those that answer the question best first. Without a ready embedder only words count.
pub async fn best_sentences(
    question: &str,
    passage: &Passage,
    embedder: Option<&dyn Embedder>,
) -> Result<Vec<SentenceMatch>, ModelError> {
    let mut sentences = split_sentences(&passage.text);
    let words: Vec<(String, f32)> = informative_words(question).into_iter().map(|word| (word, 1.0)).collect();
    let ready = embedder.filter(|embedder| matches!(embedder.state(), ModelState::Ready(_)));
    if let Some(embedder) = ready
        && !sentences.is_empty()
    {
        let mut texts = vec![question.to_owned()];
        texts.extend(
            sentences.iter().map(|sentence| format!("{}: {}", passage.heading(), plain_text(&sentence.text))),
        );
        let mut vectors = embedder.embed(texts).await?.into_iter();
        let asked = vectors.next().unwrap_or_default();
        for (sentence, vector) in sentences.iter_mut().zip(vectors) {
            sentence.similarity = Some(vector.iter().zip(&asked).map(|(one, other)| one * other).sum());
        }
    }
    for sentence in &mut sentences {
        sentence.word_coverage = coverage(&words, &sentence.text);
        sentence.score = sentence.similarity.unwrap_or(0.0) + COVERAGE_WEIGHT * sentence.word_coverage;
    }
    sentences.sort_by(|one, other| other.score.total_cmp(&one.score).then(one.index.cmp(&other.index)));
    Ok(sentences)
}

/// Splits a passage's Markdown into sentences, list items, table rows and code blocks, in order, unscored.
pub fn split_sentences(markdown: &str) -> Vec<SentenceMatch> {
    let mut pieces: Vec<(usize, SentenceKind, String)> = Vec::new();
    for (number, block) in parse_blocks(markdown).into_iter().enumerate() {
        match block.kind {
            BlockKind::List { start } => {
                let kind = if start.is_some() { SentenceKind::Step } else { SentenceKind::Bullet };
                pieces.extend(block.items.into_iter().map(|item| (number, kind, item)));
            }
            BlockKind::Table => {
                let rows = block.text.lines().filter(|row| row.chars().any(char::is_alphanumeric));
                pieces.extend(rows.map(|row| (number, SentenceKind::TableRow, row.trim().to_owned())));
            }
            BlockKind::Code => pieces.push((number, SentenceKind::Code, block.text)),
            _ => pieces.extend(
                prose_sentences(&block.text)
                    .into_iter()
                    .map(|sentence| (number, SentenceKind::Sentence, sentence)),
            ),
        }
    }
    pieces
        .into_iter()
        .filter(|(_, _, text)| text.chars().any(char::is_alphanumeric))
        .enumerate()
        .map(|(index, (block, kind, text))| SentenceMatch {
            index,
            block,
            kind,
            text,
            score: 0.0,
            similarity: None,
            word_coverage: 0.0,
        })
        .collect()
}

/// Sentences of a paragraph. A break after an abbreviation, or within bold text or a link, is none.
fn prose_sentences(paragraph: &str) -> Vec<String> {
    const ABBREVIATIONS: [&str; 12] =
        ["e.g.", "i.e.", "etc.", "vs.", "no.", "approx.", "mr.", "ms.", "mrs.", "dr.", "z.b.", "bzw."];
    let mut sentences: Vec<String> = Vec::new();
    let mut open = String::new();
    for bound in paragraph.split_sentence_bounds() {
        open.push_str(bound);
        let so_far = open.trim_end();
        let last_word =
            so_far.split_whitespace().last().unwrap_or_default().trim_start_matches('(').to_lowercase();
        let unclosed = so_far.matches("**").count() % 2 == 1
            || so_far.matches('`').count() % 2 == 1
            || so_far.matches('[').count() > so_far.matches(']').count();
        // A sentence needs its end mark: a line break within a paragraph is none.
        let ended = so_far.ends_with(['.', '!', '?', ':', '。', '！', '？', '"', '”', ')', '*', '`', '…']);
        if ended && !unclosed && !ABBREVIATIONS.contains(&last_word.as_str()) {
            sentences.push(so_far.trim_start().replace('\n', " "));
            open.clear();
        }
    }
    if !open.trim().is_empty() {
        sentences.push(open.trim().replace('\n', " "));
    }
    sentences
}

static LINK: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"!?\[([^\]]*)\]\([^)]*\)"));
static MARKER: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?m)^\s*(?:[-*+]|>|\d{1,9}[.)])\s+"));
static RULE: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?m)^[\s|:-]+$"));

/// Markdown as words and punctuation: link texts, no emphasis, no list markers, table cells side by side.
pub fn plain_text(markdown: &str) -> String {
    let text = LINK.replace_all(markdown, "$1");
    let text = RULE.replace_all(&text, "");
    let text = MARKER.replace_all(&text, "");
    let text: String =
        text.replace("**", "").replace("__", "").chars().filter(|c| !matches!(c, '`' | '|')).collect();
    let lines: Vec<String> = text
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}
