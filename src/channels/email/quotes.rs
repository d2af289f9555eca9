//! What a person wrote in a mail, without what their program quoted and signed: for the model only. People see the whole text.

use crate::domain::text::constant_pattern;
use regex::{Regex, RegexSet, RegexSetBuilder};
use serde::Deserialize;
use std::sync::LazyLock;

/// An attribution may be broken over so many lines.
const ATTRIBUTION_LINES: usize = 4;
/// So many lines below a sender's line may hold the others of a quoted head.
const HEAD_LINES: usize = 6;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    attributions: Vec<String>,
    originals: Vec<String>,
    head: Head,
    signatures: Signatures,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    from: Vec<String>,
    others: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Signatures {
    starts: Vec<String>,
}

struct Rules {
    attributions: RegexSet,
    original: Regex,
    marks: Marks,
}

static RULES: LazyLock<Rules> = LazyLock::new(|| {
    let marks: Marks = toml::from_str(include_str!("../../../assets/email/quotes.toml"))
        .unwrap_or_else(|error| unreachable!("the shipped marks parse: {error}"));
    let attributions = RegexSetBuilder::new(&marks.attributions)
        .case_insensitive(true)
        .build()
        .unwrap_or_else(|error| unreachable!("the shipped attributions compile: {error}"));
    let originals = marks.originals.iter().map(|words| regex::escape(words)).collect::<Vec<_>>().join("|");
    let original = constant_pattern(&format!(r"(?i)^[-_=*\s]{{2,}}({originals})[-_=*\s:]{{2,}}$"));
    Rules { attributions, original, marks }
});

/// The text without quoted lines, quoted mails and signatures; the whole text, each line marked as quoted, when nothing else would
/// be left: whoever reads it can tell that the sender said none of it.
pub fn own_words(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let kept = without_quotes(&lines);
    let kept = without_signature(&kept);
    let own = tidy(&kept);
    if own.is_empty() { marked(&tidy(&lines)) } else { own }
}

fn marked(text: &str) -> String {
    let mark = |line: &str| if is_quoted(line) { line.to_owned() } else { format!("> {line}") };
    text.lines().map(mark).collect::<Vec<_>>().join("\n")
}

fn without_quotes<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if is_quoted(lines[at]) {
            at += 1;
        } else if RULES.original.is_match(lines[at].trim()) || is_head(&lines[at..]) {
            break;
        } else if let Some(length) = attribution(&lines[at..]) {
            let below = &lines[at + length..];
            // Answers may stand below what is quoted. Without quote marks nobody can tell where the quoted text ends.
            match below.iter().find(|line| !line.trim().is_empty()) {
                Some(next) if is_quoted(next) => at += length,
                _ => break,
            }
        } else {
            kept.push(lines[at]);
            at += 1;
        }
    }
    // The rule that programs draw above a quoted mail.
    while kept.last().is_some_and(|line| line.trim().is_empty() || is_rule(line)) {
        kept.pop();
    }
    kept
}

fn is_quoted(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() >= 5 && line.chars().all(|character| matches!(character, '_' | '-' | '=' | '*'))
}

/// How many lines an attribution that begins here takes.
fn attribution(lines: &[&str]) -> Option<usize> {
    let mut joined = String::new();
    for (taken, line) in lines.iter().take(ATTRIBUTION_LINES).enumerate() {
        let line = line.trim();
        if line.is_empty() || joined.len() + line.len() > 1000 {
            return None;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
        // Only a line that ends in a colon can end an attribution.
        if line.ends_with([':', '\u{ff1a}']) {
            return RULES.attributions.is_match(&joined).then_some(taken + 1);
        }
    }
    None
}

/// Whether a quoted mail's own head begins here: its sender's line, and at least two of its other lines close below.
fn is_head(lines: &[&str]) -> bool {
    let head = &RULES.marks.head;
    if !lines.first().is_some_and(|line| label(line).is_some_and(|label| head.from.contains(&label))) {
        return false;
    }
    let below = lines.iter().skip(1).take(HEAD_LINES);
    below.filter(|line| label(line).is_some_and(|label| head.others.contains(&label))).count() >= 2
}

/// The word before a line's colon, in small letters; stars of bold text aside.
fn label(line: &str) -> Option<String> {
    let (label, value) = line.split_once([':', '\u{ff1a}'])?;
    let label = label.trim_matches(|character: char| character.is_whitespace() || character == '*');
    let short = !label.is_empty() && label.chars().count() <= 20 && !value.trim().is_empty();
    short.then(|| label.to_lowercase())
}

fn without_signature<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let end = lines.iter().position(|line| matches!(*line, "-- " | "--")).unwrap_or(lines.len());
    let mut kept = lines[..end].to_vec();
    loop {
        while kept.last().is_some_and(|line| line.trim().is_empty()) {
            kept.pop();
        }
        let signed = kept.last().is_some_and(|line| is_signature(line));
        if !signed {
            return kept;
        }
        kept.pop();
    }
}

fn is_signature(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['-', '–', '*', '_', ' ']).to_lowercase();
    line.chars().count() <= 120 && RULES.marks.signatures.starts.iter().any(|start| line.starts_with(start))
}

/// Trimmed, with at most one empty line in a row.
fn tidy(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut empty = 0;
    for line in lines.iter().map(|line| line.trim_end()) {
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            text.push_str(line);
            text.push('\n');
        }
    }
    text.trim().to_owned()
}

#[cfg(test)]
#[path = "quotes_tests.rs"]
mod tests;
