//! Several questions in one message.

use super::{follow_up::leans_on_earlier, verify::content_words};
use crate::domain::text::constant_pattern;
use regex::Regex;
use std::sync::LazyLock;

/// More questions than this in one message are a matter for the answer as a whole.
const MOST: usize = 4;
/// A question with fewer words of its own belongs to the one before: "Is that right?".
const LEAST_WORDS: usize = 2;

static QUESTION: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?s).+?\?+(?:\s+|$)"));

/// The questions of a message, each with the sentences that lead to it; none unless there are two to four that stand by
/// themselves.
pub fn several(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in QUESTION.find_iter(text) {
        let piece = piece.as_str().trim();
        let own = piece.rsplit(['.', '!', '\n']).next().unwrap_or(piece);
        let stands_alone = content_words(own).count() >= LEAST_WORDS && !leans_on_earlier(own);
        match found.last_mut() {
            Some(last) if !stands_alone => {
                last.push(' ');
                last.push_str(piece);
            }
            _ => found.push(piece.to_owned()),
        }
    }
    if (2..=MOST).contains(&found.len()) { found } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(
        "Hi. How do I export my data? We also use Okta. Which plan has single sign-on?",
        &["Hi. How do I export my data?", "We also use Okta. Which plan has single sign-on?"]
    )]
    #[case("Who has too much work? Is there a chart for that?", &[])]
    #[case("Where are my invoices?", &[])]
    #[case("How do I export tasks? And is it free?", &[])]
    #[case("a b?", &[])]
    fn questions_that_stand_alone_are_told_apart(#[case] text: &str, #[case] expected: &[&str]) {
        assert_eq!(several(text), expected);
    }
}
