//! Questions that are not headings: `**Q:** … A: …`, bold questions, questions in lists, definition lists, `<details>`.

use super::blocks::{Block, BlockKind};
use crate::domain::text::constant_pattern;
use regex::Regex;
use std::sync::LazyLock;

/// Blocks that belong together, with the question they answer when one was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Piece {
    pub question: Option<String>,
    pub blocks: Vec<Block>,
}

impl Piece {
    pub fn words(&self) -> usize {
        self.blocks.iter().map(Block::words).sum()
    }
}

struct Patterns {
    labelled_question: Regex,
    labelled_answer: Regex,
    inline_answer: Regex,
    bold_question: Regex,
    list_marker: Regex,
}

static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    labelled_question: constant_pattern(
        r"(?is)^\s*(?:\*\*|__)?(?:q|question|frage|pregunta)\s*\d*\s*[:.)]\s*(?:\*\*|__)?\s*(.+)$",
    ),
    labelled_answer: constant_pattern(
        r"(?i)^\s*(?:\*\*|__)?(?:a|answer|antwort|respuesta|réponse)\s*\d*\s*[:.)](?:\*\*|__)?(?:\s+|$)",
    ),
    inline_answer: constant_pattern(
        r"(?:^|[?.!*_]\s+|\n\s*)(?:\*\*|__)?(?:A|Answer|Antwort|Respuesta|Réponse)\s*\d*:\s*(?:\*\*|__)?\s*",
    ),
    bold_question: constant_pattern(r"(?s)^\s*(?:\*\*|__)([^*\n]{3,200}[?？])(?:\*\*|__)[ \t]*(.*)$"),
    list_marker: constant_pattern(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+"),
});

/// Splits a section's blocks into what comes before the first question and one piece a question.
pub fn split_questions(blocks: Vec<Block>) -> Vec<Piece> {
    // One bold question in a procedure is a remark; several are a list of questions.
    let bold_questions = blocks.iter().filter(|block| bold_question(block).is_some()).count();
    let mut pieces = vec![Piece::default()];
    for block in blocks {
        let found = match &block.kind {
            BlockKind::Question(question) => vec![piece_of(question, &block.text)],
            BlockKind::QuestionEnd => vec![Piece::default()],
            BlockKind::Paragraph => labelled_question(&block.text)
                .or_else(|| bold_question(&block).filter(|_| bold_questions > 1))
                .map(|(question, answer)| vec![piece_of(&question, &answer)])
                .unwrap_or_default(),
            BlockKind::List { .. } => listed_questions(&block),
            BlockKind::Definitions => defined_questions(&block),
            _ => Vec::new(),
        };
        if found.is_empty() {
            append(&mut pieces, block);
        } else {
            pieces.extend(found);
        }
    }
    pieces.retain(|piece| piece.question.is_some() || !piece.blocks.is_empty());
    pieces
}

fn append(pieces: &mut [Piece], mut block: Block) {
    let Some(piece) = pieces.last_mut() else { return };
    if piece.question.is_some() && piece.blocks.is_empty() && block.kind == BlockKind::Paragraph {
        block.text = PATTERNS.labelled_answer.replace(&block.text, "").into_owned();
    }
    if !block.text.is_empty() {
        piece.blocks.push(block);
    }
}

fn piece_of(question: &str, answer: &str) -> Piece {
    let answer = answer.trim();
    let blocks = if answer.is_empty() {
        Vec::new()
    } else {
        vec![Block { kind: BlockKind::Paragraph, text: answer.to_owned(), items: Vec::new() }]
    };
    Piece { question: Some(plain(question)), blocks }
}

/// `Q: …` with the answer in the same paragraph after `A:`, after the first line, or in later blocks.
fn labelled_question(text: &str) -> Option<(String, String)> {
    let rest = PATTERNS.labelled_question.captures(text)?.get(1)?.as_str();
    if let Some(answer) = PATTERNS.inline_answer.find(rest) {
        // The match may begin with the question's own end mark.
        let mark =
            rest[answer.start()..].chars().next().filter(|character| matches!(character, '?' | '.' | '!'));
        let question_end = answer.start() + mark.map_or(0, char::len_utf8);
        return Some((rest[..question_end].to_owned(), rest[answer.end()..].to_owned()));
    }
    let (question, answer) = rest.split_once('\n').unwrap_or((rest, ""));
    Some((question.to_owned(), answer.to_owned()))
}

fn bold_question(block: &Block) -> Option<(String, String)> {
    if block.kind != BlockKind::Paragraph {
        return None;
    }
    let found = PATTERNS.bold_question.captures(&block.text)?;
    Some((found[1].to_owned(), found[2].to_owned()))
}

/// A list whose every item opens with a bold question.
fn listed_questions(list: &Block) -> Vec<Piece> {
    if list.items.len() < 2 {
        return Vec::new();
    }
    let questions: Option<Vec<Piece>> = list
        .items
        .iter()
        .map(|item| {
            let text = without_marker(item);
            let found = PATTERNS.bold_question.captures(&text)?;
            Some(piece_of(&found[1], &found[2]))
        })
        .collect();
    questions.unwrap_or_default()
}

/// A definition list with at least one question among its terms; a glossary stays whole.
fn defined_questions(list: &Block) -> Vec<Piece> {
    let pairs: Vec<(String, String)> = list
        .items
        .iter()
        .map(|item| {
            let (term, details) = item.split_once('\n').unwrap_or((item, ""));
            let details = details.trim_start_matches('\n').trim_start().trim_start_matches([':', '~']);
            (term.trim().to_owned(), dedent(details.trim_start()))
        })
        .collect();
    if !pairs.iter().any(|(term, _)| plain(term).ends_with(['?', '？'])) {
        return Vec::new();
    }
    pairs.iter().map(|(term, details)| piece_of(term, details)).collect()
}

fn without_marker(item: &str) -> String {
    dedent(&PATTERNS.list_marker.replace(item, ""))
}

/// Takes the indentation off that later lines of an item share.
fn dedent(text: &str) -> String {
    let indent_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let indent =
        text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(indent_of).min().unwrap_or(0);
    let lines: Vec<&str> = text
        .lines()
        .enumerate()
        .map(|(index, line)| if index == 0 { line } else { line.get(indent..).unwrap_or("") })
        .collect();
    lines.join("\n")
}

/// A question as a heading: one line, no emphasis around it.
fn plain(question: &str) -> String {
    let line = question.split_whitespace().collect::<Vec<_>>().join(" ");
    line.trim_matches(['*', '_', ' ']).to_owned()
}
