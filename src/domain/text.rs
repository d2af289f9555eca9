//! Reading prose as blocks and sentences, and writing it back: shared by verification and formatting.

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation;

/// Compiles a pattern that stands in the source.
///
/// # Panics
/// When it is no regular expression, which the first test that uses it shows: never for a pattern from outside.
pub fn constant_pattern(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "constant patterns, compiled by the tests that use them")]
    Regex::new(pattern).expect("a constant pattern")
}

/// The figure of a number word in lower case, where the two are used alike in documents: `ten` is `10`.
pub fn figure_of(word: &str) -> Option<&'static str> {
    Some(match word {
        "two" => "2",
        "three" => "3",
        "four" => "4",
        "five" => "5",
        "six" => "6",
        "seven" => "7",
        "eight" => "8",
        "nine" => "9",
        "ten" => "10",
        "eleven" => "11",
        "twelve" => "12",
        "fourteen" => "14",
        "fifteen" => "15",
        "twenty" => "20",
        "thirty" => "30",
        "forty" => "40",
        "fifty" => "50",
        "sixty" => "60",
        "ninety" => "90",
        _ => return None,
    })
}

/// One paragraph or list item with its sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// `"1. "`, `"- "` and so on for list items, empty for paragraphs.
    pub marker: String,
    pub sentences: Vec<String>,
}

impl Block {
    pub fn is_list_item(&self) -> bool {
        !self.marker.is_empty()
    }
}

/// Abbreviations after which a full stop ends no sentence.
const ABBREVIATIONS: [&str; 14] = [
    "e.g.", "i.e.", "etc.", "vs.", "approx.", "no.", "mr.", "mrs.", "ms.", "dr.", "inc.", "ltd.", "min.",
    "max.",
];

/// Reads text into blocks. A line that starts with `-`, `*`, `•` or a number and a dot is a list item; other lines
/// join into paragraphs that blank lines end.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut paragraph = String::new();
    let flush = |paragraph: &mut String, found: &mut Vec<Block>| {
        if !paragraph.trim().is_empty() {
            found.push(Block { marker: String::new(), sentences: sentences(paragraph) });
        }
        paragraph.clear();
    };
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() {
            flush(&mut paragraph, &mut found);
        } else if let Some((marker, rest)) = list_marker(line) {
            flush(&mut paragraph, &mut found);
            found.push(Block { marker, sentences: sentences(rest) });
        } else if let Some(last) = found
            .last_mut()
            .filter(|last| paragraph.is_empty() && last.is_list_item() && continues(text, line))
        {
            // An indented line under a list item belongs to it.
            last.sentences.extend(sentences(line));
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line);
        }
    }
    flush(&mut paragraph, &mut found);
    found
}

/// Whether the line stands indented in the text (an item's second line).
fn continues(text: &str, line: &str) -> bool {
    let offset = line.as_ptr() as usize - text.as_ptr() as usize;
    let before = &text[..offset];
    before
        .rsplit('\n')
        .next()
        .is_some_and(|indent| indent.len() >= 2 && indent.chars().all(char::is_whitespace))
}

/// Splits a list marker from its line; numbered markers are kept as they are, bullets become `- `.
fn list_marker(line: &str) -> Option<(String, &str)> {
    for bullet in ["- ", "* ", "• ", "+ "] {
        if let Some(rest) = line.strip_prefix(bullet) {
            return Some(("- ".to_owned(), rest.trim()));
        }
    }
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 || digits > 2 {
        return None;
    }
    let rest = line[digits..].strip_prefix(". ").or_else(|| line[digits..].strip_prefix(") "))?;
    Some((format!("{}. ", &line[..digits]), rest.trim()))
}

/// The sentences of one paragraph, trimmed. A full stop after an abbreviation or a number marker ends none.
pub fn sentences(paragraph: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in paragraph.unicode_sentences() {
        let joins = found.last().is_some_and(|last| ends_open(last));
        match found.last_mut() {
            Some(last) if joins => {
                last.push(' ');
                last.push_str(piece.trim());
            }
            _ => found.push(piece.trim().to_owned()),
        }
    }
    found.retain(|sentence| !sentence.is_empty());
    found
}

fn ends_open(sentence: &str) -> bool {
    let last = sentence.rsplit(' ').next().unwrap_or_default().to_lowercase();
    let marker = last.strip_suffix('.').is_some_and(|number| {
        !number.is_empty() && number.len() <= 2 && number.bytes().all(|b| b.is_ascii_digit())
    }) && sentence == last.as_str();
    marker || ABBREVIATIONS.iter().any(|abbreviation| last.trim_start_matches(['(', '"']) == *abbreviation)
}

/// Writes blocks as text: list items on lines of their own, paragraphs apart by a blank line.
pub fn write(blocks: &[Block]) -> String {
    let mut text = String::new();
    let mut previous_was_item = false;
    for block in blocks {
        if !text.is_empty() {
            text.push_str(if previous_was_item && block.is_list_item() { "\n" } else { "\n\n" });
        }
        text.push_str(&block.marker);
        text.push_str(&block.sentences.join(" "));
        previous_was_item = block.is_list_item();
    }
    text
}

/// Markdown as plain text: emphasis, code ticks and links' brackets go, their words stay, and so do web addresses.
pub fn strip_markdown(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['*', '`', '[', '_']) {
        plain.push_str(&rest[..at]);
        let tail = &rest[at..];
        let (taken, written) = strip_one(tail, plain.chars().next_back());
        plain.push_str(&written);
        rest = &tail[taken..];
    }
    plain.push_str(rest);
    plain
}

/// Consumes one piece of markup at the start of `tail`; returns how many bytes and what stays.
fn strip_one(tail: &str, before: Option<char>) -> (usize, String) {
    if tail.starts_with("**") || tail.starts_with("__") {
        return (2, String::new());
    }
    if tail.starts_with('[')
        && let Some(middle) = tail.find("](")
        && let Some(end) = tail[middle..].find(')')
        && !tail[1..middle].contains('[')
    {
        let (words, address) = (&tail[1..middle], &tail[middle + 2..middle + end]);
        let keep_address = address.starts_with("http") && address != words;
        return (
            middle + end + 1,
            if keep_address { format!("{words} ({address})") } else { words.to_owned() },
        );
    }
    let first = tail.chars().next().unwrap_or_default();
    // An underscore or star within a word is text (snake_case, 3*4); at a word's edge it is emphasis.
    let inside = before.is_some_and(char::is_alphanumeric)
        && tail[first.len_utf8()..].chars().next().is_some_and(char::is_alphanumeric);
    let at_line_start = before.is_none_or(|c| c == '\n') && tail[1..].starts_with(' ');
    if first == '`' || (matches!(first, '*' | '_') && !inside && !at_line_start) {
        (1, String::new())
    } else {
        (first.len_utf8(), first.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[test]
    fn lists_and_paragraphs_keep_their_shape() {
        let text =
            "Open Settings. Then:\n\n1. Click Data.\n2. Choose Export. It takes e.g. an hour.\n\nDone.";
        let read = blocks(text);
        assert_eq!(
            read.iter().map(|b| (b.marker.as_str(), b.sentences.len())).collect::<Vec<_>>(),
            [("", 2), ("1. ", 1), ("2. ", 2), ("", 1)]
        );
        assert_eq!(write(&read), text);
    }

    #[rstest]
    #[case("**Settings** → `Data`", "Settings → Data")]
    #[case("see [the guide](/help/x#y) now", "see the guide now")]
    #[case("our [status page](https://status.example.org)", "our status page (https://status.example.org)")]
    #[case("snake_case and 3*4 stay", "snake_case and 3*4 stay")]
    #[case("- item\n* item", "- item\n* item")]
    #[case("[open", "[open")]
    fn markdown_becomes_plain(#[case] markdown: &str, #[case] plain: &str) {
        assert_eq!(strip_markdown(markdown), plain);
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "[a-zA-Z0-9.,!? \n-]{0,300}") {
            let letters = |t: &str| t.chars().filter(char::is_ascii_alphabetic).collect::<String>();
            prop_assert_eq!(letters(&write(&blocks(&text))), letters(&text));
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,200}") {
            let _ = write(&blocks(&text));
            let _ = strip_markdown(&text);
        }
    }
}
