//! What a question calls by a proper name: people, whom no help page needs to know, and everything else. For everything
//! else only capitals tell, so a question without any names nothing.

use crate::{
    domain::text::constant_pattern,
    knowledge::words::{all_words, capitalises_nouns},
};
use regex::Regex;
use serde::Deserialize;
use std::{collections::HashSet, sync::LazyLock};
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

#[derive(Deserialize)]
struct GivenNames {
    given_names: HashSet<String>,
}

/// Common given names: the list that tells redaction whom a text names.
static GIVEN_NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let file = include_str!("../../../assets/policy/redaction.toml");
    // A test reads the shipped file; without it search still works.
    let names = toml::from_str::<GivenNames>(file).map(|file| file.given_names).unwrap_or_default();
    names.iter().flat_map(|name| all_words(name)).collect()
});

/// The given names in a text and the family names behind them, in the index's form. "Sarah Miller" is the customer's world,
/// whether or not it has capitals; what is meant by "mark" the documents must tell.
pub fn people(text: &str) -> HashSet<String> {
    let mut people = HashSet::new();
    let mut follows_given_name = false;
    for word in text.unicode_words() {
        let has_capital = word.chars().next().is_some_and(char::is_uppercase);
        let bare = word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).unwrap_or(word);
        let words = all_words(bare);
        let is_given = words.len() == 1 && GIVEN_NAMES.contains(&words[0]);
        if is_given || (follows_given_name && has_capital) {
            people.extend(words);
        }
        follows_given_name = is_given && has_capital;
    }
    people
}

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
    let people = people(text);
    names.retain(|name| !people.contains(name));
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
    #[case("Can Sarah Miller see what Tom's client gets from Notion?", &["notion"])]
    fn names_are_what_has_a_capital_within_a_sentence(#[case] question: &str, #[case] expected: &[&str]) {
        assert_eq!(proper_names(question), expected);
    }

    #[test]
    fn a_person_is_known_by_a_given_name() {
        let found = people("make sarah an admin, and Priya Raman too. Discord stays");
        assert_eq!(found, HashSet::from(["sarah", "priya", "raman"].map(str::to_owned)));
    }
}
