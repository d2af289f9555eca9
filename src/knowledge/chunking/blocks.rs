//! Markdown as a flat list of top-level blocks, each with its source text. Every line of the document belongs to
//! exactly one block, so that no later step can lose or double one.

use crate::domain::text::constant_pattern;
use comrak::{
    Arena, Options,
    nodes::{AstNode, ListType, NodeValue},
    parse_document,
};
use regex::Regex;
use std::sync::LazyLock;

/// What a block is, as far as cutting cares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockKind {
    Heading {
        level: u8,
        title: String,
    },
    Paragraph,
    /// `start` is the first number of an ordered list, `None` for bullets.
    List {
        start: Option<usize>,
    },
    Definitions,
    Table,
    Code,
    /// `<details>` question opened by this block.
    Question(String),
    /// `</details>`.
    QuestionEnd,
    /// `<!-- asked: … | … -->`: how customers ask for what the section answers. Nobody sees it; search does.
    Asked(Vec<String>),
    Other,
}

/// A top-level block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    pub kind: BlockKind,
    /// Markdown source without outer blank lines.
    pub text: String,
    /// Source of each item, for lists and definitions.
    pub items: Vec<String>,
}

impl Block {
    pub fn words(&self) -> usize {
        self.text.split_whitespace().count()
    }
}

/// A longer question of an `asked` comment is a text that got there by mistake.
const LONGEST_ASKED_CHARACTERS: usize = 200;

static DEFINITION: LazyLock<Regex> =
    LazyLock::new(|| constant_pattern(r"(?m)^ {0,3}\[[^\]\^][^\]]*\]:\s*\S"));
static ASKED: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?is)<!--\s*asked:(.*?)-->"));
static SUMMARY: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?is)<summary[^>]*>(.*?)</summary>"));

/// The Markdown dialect of help documents.
pub fn dialect() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options.extension.description_lists = true;
    options.extension.alerts = true;
    options
}

/// The first first-level heading.
pub fn first_heading(markdown: &str) -> Option<String> {
    parse_blocks(markdown).into_iter().find_map(|block| match block.kind {
        BlockKind::Heading { level: 1, title } if !title.is_empty() => Some(title),
        _ => None,
    })
}

/// The document's blocks in order.
pub fn parse_blocks(markdown: &str) -> Vec<Block> {
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &dialect());
    let lines: Vec<&str> = markdown.split('\n').collect();
    let has_definitions = DEFINITION.is_match(markdown);
    let nodes: Vec<&AstNode> = root.children().collect();
    let starts = starts_of(&nodes, 1, lines.len() + 1);
    let mut blocks = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let (from, to) = (if index == 0 { 1 } else { starts[index] }, starts[index + 1]);
        let end = node.data().sourcepos.end.line;
        let text = slice(&lines, from, to, |number, line| {
            !(has_definitions && number > end && DEFINITION.is_match(line))
        });
        push_block(node, text, &lines, to, has_definitions, &mut blocks);
    }
    blocks
}

/// First line of each node, never falling, with the line after the last node at the end.
fn starts_of<'a>(nodes: &[&'a AstNode<'a>], first: usize, end: usize) -> Vec<usize> {
    let mut lowest = first;
    let mut starts: Vec<usize> = nodes
        .iter()
        .map(|node| {
            lowest = node.data().sourcepos.start.line.clamp(lowest, end);
            lowest
        })
        .collect();
    starts.push(end);
    starts
}

/// Lines `from..to` (1-based) without blank ones around.
fn slice(lines: &[&str], from: usize, to: usize, keep: impl Fn(usize, &str) -> bool) -> String {
    let kept: Vec<&str> = (from..to)
        .filter_map(|number| lines.get(number - 1).filter(|line| keep(number, line)).copied())
        .collect();
    kept.join("\n").trim_end().trim_start_matches('\n').to_owned()
}

fn push_block<'a>(
    node: &'a AstNode<'a>,
    text: String,
    lines: &[&str],
    end: usize,
    has_definitions: bool,
    blocks: &mut Vec<Block>,
) {
    let (kind, items) = match &node.data().value {
        NodeValue::Heading(heading) => {
            (BlockKind::Heading { level: heading.level, title: words_of(node) }, Vec::new())
        }
        NodeValue::Paragraph => (BlockKind::Paragraph, Vec::new()),
        NodeValue::List(list) => {
            let start = (list.list_type == ListType::Ordered).then_some(list.start);
            (BlockKind::List { start }, items_of(node, lines, end))
        }
        NodeValue::DescriptionList => (BlockKind::Definitions, items_of(node, lines, end)),
        NodeValue::Table(_) => (BlockKind::Table, Vec::new()),
        NodeValue::CodeBlock(_) => (BlockKind::Code, Vec::new()),
        NodeValue::HtmlBlock(_) => return push_html(&text, blocks),
        NodeValue::ThematicBreak if text.split_whitespace().count() <= 1 => return,
        _ => (BlockKind::Other, Vec::new()),
    };
    let text = if has_definitions && !matches!(kind, BlockKind::Code | BlockKind::Heading { .. }) {
        with_links_resolved(node, text)
    } else {
        text
    };
    blocks.push(Block { kind, text, items });
}

/// Raw HTML between Markdown: what is visible of it, as Markdown; `<details>` marks a question, a comment may hold some.
fn push_html(html: &str, blocks: &mut Vec<Block>) {
    let asked: Vec<String> = ASKED.captures_iter(html).flat_map(|found| questions_in(&found[1])).collect();
    if !asked.is_empty() {
        blocks.push(Block { kind: BlockKind::Asked(asked), text: String::new(), items: Vec::new() });
    }
    let question = SUMMARY.captures(html);
    let (visible, title) = match &question {
        Some(found) => (html.replacen(&found[0], "", 1), as_markdown(&found[1])),
        None => (html.to_owned(), String::new()),
    };
    let text = as_markdown(&visible);
    let closes = html.to_ascii_lowercase().contains("</details>");
    if question.is_some() {
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches('*').to_owned();
        blocks.push(Block { kind: BlockKind::Question(title), text, items: Vec::new() });
    } else if !text.is_empty() {
        blocks.push(Block { kind: BlockKind::Other, text, items: Vec::new() });
    }
    if closes {
        blocks.push(Block { kind: BlockKind::QuestionEnd, text: String::new(), items: Vec::new() });
    }
}

/// The questions of an `asked` comment, parted by `|` or by lines.
fn questions_in(list: &str) -> Vec<String> {
    list.split(['|', '\n'])
        .map(|question| question.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|question| !question.is_empty() && question.chars().count() <= LONGEST_ASKED_CHARACTERS)
        .collect()
}

fn as_markdown(html: &str) -> String {
    crate::knowledge::reading::html_fragment(html).unwrap_or_default().trim().to_owned()
}

fn items_of<'a>(list: &'a AstNode<'a>, lines: &[&str], end: usize) -> Vec<String> {
    let items: Vec<&'a AstNode<'a>> = list.children().collect();
    let starts = starts_of(&items, list.data().sourcepos.start.line, end);
    starts.windows(2).map(|pair| slice(lines, pair[0], pair[1], |_, _| true)).collect()
}

/// A link that names its address elsewhere in the document loses it when cut off from there.
fn with_links_resolved<'a>(node: &'a AstNode<'a>, text: String) -> String {
    let has_link = node
        .descendants()
        .any(|inner| matches!(inner.data().value, NodeValue::Link(_) | NodeValue::Image(_)));
    if !has_link || text.matches(']').count() == text.matches("](").count() {
        return text;
    }
    let mut resolved = String::new();
    match comrak::format_commonmark(node, &dialect(), &mut resolved) {
        Ok(()) => resolved.trim().to_owned(),
        Err(_) => text,
    }
}

/// The node's text without markup, on one line.
fn words_of<'a>(node: &'a AstNode<'a>) -> String {
    let mut words = String::new();
    for inner in node.descendants() {
        match &inner.data().value {
            NodeValue::Text(text) => words.push_str(text),
            NodeValue::Code(code) => words.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => words.push(' '),
            _ => {}
        }
    }
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}
