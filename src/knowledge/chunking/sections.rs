//! Headings and what stands under each.

use super::{
    blocks::{Block, BlockKind},
    sizes::COMFORTABLE_WORDS,
};
use crate::{domain::text::constant_pattern, knowledge::slug::Anchors};
use regex::Regex;
use std::sync::LazyLock;

/// Small sub-headings of a section this long are labels within one passage.
const FOLDED_WORDS: usize = 200;

/// A heading with the blocks up to the next heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Document title first, own heading last.
    pub path: Vec<String>,
    pub anchor: String,
    pub blocks: Vec<Block>,
    /// Whether the next heading is below this one.
    pub has_children: bool,
}

struct Open {
    level: u8,
    title: String,
    anchor: String,
    source: String,
    blocks: Vec<Block>,
}

impl Open {
    fn words(&self) -> usize {
        self.blocks.iter().map(Block::words).sum()
    }

    fn has_steps(&self) -> bool {
        self.blocks.iter().any(|block| matches!(block.kind, BlockKind::List { start: Some(_) }))
    }
}

/// The document's sections in order; the first has the words before any heading.
pub fn sections_of(document_title: &str, blocks: Vec<Block>, anchors: &mut Anchors) -> Vec<Section> {
    let first_level = |block: &&Block| matches!(block.kind, BlockKind::Heading { level: 1, .. });
    let first_level_headings = blocks.iter().filter(first_level).count();
    let flat = fold_labels(flat_sections(blocks, anchors));
    let mut stack: Vec<(u8, String)> = Vec::new();
    let mut sections = Vec::with_capacity(flat.len());
    for index in 0..flat.len() {
        let Open { level, title, anchor, blocks, .. } = &flat[index];
        stack.retain(|(above, _)| above < level);
        // The only first-level heading is the document's title, in its own words.
        let is_title =
            *level == 0 || (*level == 1 && (first_level_headings == 1 || same(title, document_title)));
        if !is_title && !title.is_empty() {
            stack.push((*level, title.clone()));
        }
        let path =
            std::iter::once(document_title.to_owned()).chain(stack.iter().map(|(_, title)| title.clone()));
        sections.push(Section {
            path: path.collect(),
            anchor: anchor.clone(),
            blocks: blocks.clone(),
            has_children: flat.get(index + 1).is_some_and(|next| next.level > *level),
        });
    }
    sections
}

fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn flat_sections(blocks: Vec<Block>, anchors: &mut Anchors) -> Vec<Open> {
    let empty = |level, title: String, anchor: String, source: String| Open {
        level,
        title,
        anchor,
        source,
        blocks: Vec::new(),
    };
    let mut flat = vec![empty(0, String::new(), String::new(), String::new())];
    for block in blocks {
        match block.kind {
            BlockKind::Heading { level, title } => {
                let anchor = anchors.next(&title);
                flat.push(empty(level, title, anchor, block.text));
            }
            _ => {
                if let Some(open) = flat.last_mut() {
                    open.blocks.push(block);
                }
            }
        }
    }
    // Words before the first heading open at the top of the page, which is the first heading's place.
    if let Some(anchor) = flat.get(1).map(|first| first.anchor.clone()) {
        flat[0].anchor = anchor;
    }
    flat
}

/// Fourth-level headings and numbered steps of a short section become bold labels in it: together they are one answer.
fn fold_labels(flat: Vec<Open>) -> Vec<Open> {
    let mut folded: Vec<Open> = Vec::with_capacity(flat.len());
    let mut sections = flat.into_iter().peekable();
    while let Some(mut parent) = sections.next() {
        let mut children = Vec::new();
        while sections.peek().is_some_and(|next| next.level > parent.level) && parent.level >= 2 {
            children.extend(sections.next());
        }
        if is_one_answer(&parent, &children) {
            for child in children {
                let label = Block { kind: BlockKind::Paragraph, text: label_of(&child), items: Vec::new() };
                parent.blocks.push(label);
                parent.blocks.extend(child.blocks);
            }
            folded.push(parent);
        } else if parent.level == 2 {
            folded.push(parent);
            folded.extend(fold_labels(children));
        } else {
            folded.push(parent);
            folded.extend(children);
        }
    }
    folded
}

fn is_one_answer(parent: &Open, children: &[Open]) -> bool {
    let words = parent.words() + children.iter().map(Open::words).sum::<usize>();
    let steps = children.iter().all(|child| STEP.is_match(&child.title));
    let labels = parent.level >= 3
        && !children.iter().any(|child| child.title.ends_with(['?', '？']))
        && children.iter().filter(|child| child.has_steps()).count() <= 1;
    !children.is_empty()
        && parent.level >= 2
        && ((steps && words <= COMFORTABLE_WORDS) || (labels && words <= FOLDED_WORDS))
}

static STEP: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r"(?i)^(?:step|schritt|paso|étape|etape|passo)\s*\d+"));

/// The heading's own Markdown in bold, so that its links and code stay.
fn label_of(section: &Open) -> String {
    let text = section.source.lines().next().unwrap_or_default().trim().trim_matches('#').trim();
    if text.is_empty() || text.contains('*') { text.to_owned() } else { format!("**{text}**") }
}
