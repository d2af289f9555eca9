//! Whether a message can be understood without the one before it.

use super::verify::content_words;

/// With more words of its own than this, a message says what it is about.
const FEW_WORDS: usize = 3;
/// How messages begin that go on from the last.
const GOES_ON: [&str; 10] =
    ["and", "but", "or", "also", "so", "then", "what about", "how about", "what if", "same for"];
/// Words that stand for something said before.
const STANDS_FOR: [&str; 16] = [
    "it",
    "its",
    "that",
    "this",
    "those",
    "these",
    "they",
    "them",
    "their",
    "there",
    "one",
    "ones",
    "same",
    "instead",
    "otherwise",
    "else",
];

/// True for a short message that goes on from the last or points back at it.
pub fn leans_on_earlier(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let begins = words.join(" ");
    let goes_on = GOES_ON
        .iter()
        .any(|start| begins.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(' ')));
    let points_back = words.iter().any(|word| STANDS_FOR.contains(word));
    content_words(text).count() <= FEW_WORDS && (goes_on || points_back)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("And on the Free plan?", true)]
    #[case("what about annual billing", true)]
    #[case("does it cost extra?", true)]
    #[case("How long does that take?", true)]
    #[case("how do I cancel?", false)]
    #[case("Where are my invoices?", false)]
    #[case("And can I export the invoices of last year as one PDF file?", false)]
    #[case("Andorra?", false)]
    fn short_messages_that_point_back_lean_on_the_last(#[case] text: &str, #[case] expected: bool) {
        assert_eq!(leans_on_earlier(text), expected);
    }
}
