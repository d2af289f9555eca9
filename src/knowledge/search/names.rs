//! What a question calls by a proper name. Only capitals tell, so a question without any names nothing.

use crate::{
    domain::text::constant_pattern,
    knowledge::words::{all_words, capitalises_nouns},
};
use regex::Regex;
use std::sync::LazyLock;
use unicode_segmentation::UnicodeSegmentation;

/// Capitalised in English and named by no help page of their own.
const CALENDAR: [&str; 19] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// Names looked up at most.
const MAXIMUM_NAMES: usize = 16;

/// A sentence or line that asks.
static QUESTION: LazyLock<Regex> = LazyLock::new(|| constant_pattern(r"(?:[^.?!\n]|[.!](?:\S))+\?"));

/// Words with a capital in sentences that ask, their first words left out, in the index's form. Other sentences tell of
/// the customer's own world: a signature is not what is asked about. Title case and shouting name nothing, nor does a
/// language in which every noun has a capital.
pub fn proper_names(text: &str) -> Vec<String> {
    if capitalises_nouns(text) {
        return Vec::new();
    }
    let mut names: Vec<String> = Vec::new();
    let (mut words, mut capitalised) = (0, 0);
    for sentence in QUESTION.find_iter(text) {
        let sentence = sentence.as_str();
        for (position, word) in sentence.unicode_words().enumerate() {
            words += 1;
            let has_capital = word.chars().next().is_some_and(char::is_uppercase);
            if position == 0
                || !has_capital
                || word == "I"
                || word.starts_with("I'")
                || word.starts_with("I’")
            {
                continue;
            }
            capitalised += 1;
            let bare = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
            names.extend(
                all_words(bare)
                    .into_iter()
                    .filter(|name| name.chars().count() > 2 && !CALENDAR.contains(&name.as_str())),
            );
        }
    }
    if capitalised * 2 > words {
        return Vec::new();
    }
    names.truncate(MAXIMUM_NAMES);
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("How do I connect a Discord server?", &["discord"])]
    #[case("Hello. Can the app read Acme's files? I'm Jo from Lumenworks.\nBest\nJo Nakagawa", &["acme"])]
    #[case("Does it replace Asana.com or run on AWS?", &["asana", "com", "aws"])]
    #[case("Wie verbinde ich den Kalender mit der Software von Outlook?", &[])]
    #[case("How To Cancel My Plan?", &[])]
    #[case("how do i connect discord?", &[])]
    #[case("WHY IS THIS SO SLOW?", &[])]
    #[case("Will it be back on Tuesday in March?", &[])]
    fn names_are_what_has_a_capital_within_a_sentence(#[case] question: &str, #[case] expected: &[&str]) {
        assert_eq!(proper_names(question), expected);
    }
}
