//! Cutting a document into passages: one answer, one procedure or one section of prose each. Pure; knows nothing of
//! files, embeddings or the index.

pub mod blocks;
mod questions;
mod sections;
mod sizes;

#[cfg(test)]
mod tests;

use super::slug::Anchors;
use crate::domain::text::constant_pattern;
use blocks::{Block, BlockKind};
use questions::{Piece, split_questions};
use regex::Regex;
use sections::Section;
use std::sync::LazyLock;

/// An introduction with fewer words than this is context of what follows, not a passage.
const MINIMUM_INTRODUCTION_WORDS: usize = 12;

/// A passage before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Document title first, own heading last.
    pub section_path: Vec<String>,
    /// Anchor of the nearest heading in the rendered page.
    pub anchor: String,
    /// Markdown without the heading.
    pub text: String,
    /// Questions that the document says this answers (`<!-- asked: … -->`); customers never see them.
    pub asked: Vec<String>,
}

/// More questions than this say little new, and every one costs a vector.
const MAXIMUM_ASKED: usize = 24;

/// Cuts a document's Markdown (without front matter) into passages, in order.
pub fn chunk_markdown(title: &str, body: &str) -> Vec<Chunk> {
    let sections = sections::sections_of(title, blocks::parse_blocks(body), &mut Anchors::default());
    let mut chunks: Vec<Chunk> = Vec::new();
    let mut context: Vec<String> = Vec::new();
    for section in sections {
        cut_section(section, &mut context, &mut chunks);
    }
    // Nothing followed the last introduction.
    if !context.is_empty() {
        let text = context.join("\n\n");
        match chunks.last_mut() {
            Some(last) => last.text = format!("{}\n\n{text}", last.text),
            None => chunks.push(Chunk {
                section_path: vec![title.to_owned()],
                anchor: super::slug_of(title),
                text,
                asked: Vec::new(),
            }),
        }
    }
    chunks
}

fn cut_section(section: Section, context: &mut Vec<String>, chunks: &mut Vec<Chunk>) {
    let Section { path, anchor, blocks, has_children } = section;
    let mut asked = Vec::new();
    let mut visible = Vec::with_capacity(blocks.len());
    for block in blocks {
        match block.kind {
            BlockKind::Asked(questions) => asked.extend(questions),
            _ if is_contents_table(&block) => {}
            _ => visible.push(block),
        }
    }
    asked.truncate(MAXIMUM_ASKED);
    let blocks = visible;
    let heading_asks = path.last().is_some_and(|heading| heading.trim_end().ends_with(['?', '？']));
    let pieces = split_questions(blocks);
    let last = pieces.len().saturating_sub(1);
    for (index, piece) in pieces.into_iter().enumerate() {
        let introduces = piece.question.is_none() && (has_children || index < last);
        if introduces && piece.words() < MINIMUM_INTRODUCTION_WORDS {
            context.push(sizes::join(&piece.blocks));
            continue;
        }
        let Piece { question, mut blocks } = piece;
        if blocks.is_empty() {
            // A question without an answer keeps its words for what follows.
            context.extend(question);
            continue;
        }
        let mut path = path.clone();
        let is_answer = heading_asks || question.is_some();
        path.extend(question);
        if !context.is_empty() {
            let text = std::mem::take(context).join("\n\n");
            blocks.insert(0, Block { kind: BlockKind::Paragraph, text, items: Vec::new() });
        }
        chunks.extend(sizes::split_to_size(blocks, is_answer).into_iter().map(|text| Chunk {
            section_path: path.clone(),
            anchor: anchor.clone(),
            text,
            asked: asked.clone(),
        }));
    }
}

static INNER_LINK: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"\[[^\]]*\]\(#[^)]*\)"));

/// A list of links into the page itself: it answers nothing.
fn is_contents_table(block: &Block) -> bool {
    matches!(block.kind, BlockKind::List { .. })
        && INNER_LINK.is_match(&block.text)
        && !INNER_LINK.replace_all(&block.text, "").chars().any(char::is_alphabetic)
}
