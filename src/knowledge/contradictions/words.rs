//! The words of a statement: what it is about, which plan or platform it holds for, and what only carries the grammar.

use crate::{
    domain::{knowledge::Passage, text::constant_pattern},
    knowledge::{
        search::plain_text,
        words::{all_words, informative_words, light_stem},
    },
};
use regex::Regex;
use std::{
    collections::{BTreeSet, HashSet},
    sync::LazyLock,
};

/// Names of plans that many companies use; others are learned from "the Crew plan".
const PLANS: &[&str] = &[
    "free",
    "pro",
    "professional",
    "enterprise",
    "basic",
    "standard",
    "premium",
    "business",
    "starter",
    "plus",
    "essential",
    "ultimate",
    "lite",
];
/// Platforms, regions, times and people that a rule may be limited to.
const PLACES: &[&str] = &[
    "ios",
    "iphone",
    "ipad",
    "android",
    "windows",
    "mac",
    "macos",
    "linux",
    "web",
    "browser",
    "mobile",
    "desktop",
    "weekend",
    "weekends",
    "weekday",
    "weekdays",
    "sunday",
    "sundays",
    "saturday",
    "saturdays",
    "students",
    "student",
    "nonprofit",
    "nonprofits",
    "schools",
    "school",
    "europe",
    "eu",
    "us",
    "uk",
];

/// What is said in other words, or in several, as one word.
const PHRASES: &[(&str, &str)] = &[
    ("single sign-on", "sso"),
    ("two-factor authentication", "twofactor"),
    ("two-step verification", "twofactor"),
    ("2fa", "twofactor"),
    ("e-mail", "email"),
    ("sign in", "login"),
    ("log in", "login"),
    ("time out", "timeout"),
    ("free of charge", "gratis"),
    ("free trial", "trial"),
    ("trial period", "trial"),
    ("file upload", "upload"),
];

/// Different words for the same state of affairs, by stem; an empty one says nothing.
const MEANINGS: &[(&str, &str)] = &[
    ("kept", "retain"),
    ("keep", "retain"),
    ("stor", "retain"),
    ("store", "retain"),
    ("retain", "retain"),
    ("remain", "retain"),
    ("stay", "retain"),
    ("expir", "valid"),
    ("expire", "valid"),
    ("valid", "valid"),
    ("work", "valid"),
    ("last", "valid"),
    ("maximum", ""),
    ("max", ""),
    ("limit", ""),
    ("includ", ""),
    ("contain", ""),
    ("plan", ""),
    ("tier", ""),
    ("packag", ""),
    ("subscript", ""),
    ("per", ""),
    ("minimum", ""),
    ("total", ""),
    ("allow", ""),
    ("within", ""),
    ("next", ""),
    ("full", ""),
    ("long", ""),
    ("many", ""),
    ("big", ""),
    ("larg", ""),
    ("size", ""),
    ("period", ""),
    ("follow", ""),
    ("calendar", ""),
    ("automatical", ""),
    ("exact", ""),
    ("alway", ""),
    ("everi", ""),
    ("each", ""),
    ("repli", "answer"),
    ("rep", "answer"),
    ("least", ""),
    ("most", ""),
    ("respond", "answer"),
    ("response", "answer"),
    ("respons", "answer"),
    ("reply", "answer"),
    ("remov", "delet"),
    ("eras", "delet"),
    ("purg", "delet"),
    ("annual", "year"),
    ("monthli", "month"),
    ("yearli", "year"),
    ("customer", "person"),
    ("user", "person"),
    ("seat", "person"),
    ("people", "person"),
    ("invoic", "invoice"),
    ("try", "trial"),
    ("trie", "trial"),
    ("file", "file"),
    ("attach", "file"),
];

/// Grammar that the search's list leaves in, or that carries a state of affairs and must not be taken off as grammar.
const KEPT_GRAMMAR: &[&str] = &["keep", "keeps", "kept"];

/// What is known of all documents together.
#[derive(Debug, Default)]
pub struct Vocabulary {
    plans: HashSet<String>,
    /// Words that are written with a capital only: names.
    names: HashSet<String>,
    /// Stems of the company's own names.
    own: HashSet<String>,
}

static NAMED_PLAN: LazyLock<Regex> = LazyLock::new(|| {
    constant_pattern(r"\b([A-Z][a-z]{2,})\s+(?:plan|tier|edition|package|subscription)s?\b")
});

impl Vocabulary {
    pub fn of(passages: &[Passage], own_names: &[String]) -> Self {
        let own: HashSet<String> =
            own_names.iter().flat_map(|name| all_words(name)).map(|word| light_stem(&word)).collect();
        let mut plans: HashSet<String> = PLANS.iter().map(|word| (*word).to_owned()).collect();
        let (mut capital, mut lower) = (HashSet::new(), HashSet::new());
        for passage in passages {
            let text = plain_text(&passage.text);
            for plan in NAMED_PLAN.captures_iter(&text) {
                let name = plan[1].to_lowercase();
                if !["the", "this", "your", "each", "every", "our", "any", "which", "what", "new"]
                    .contains(&name.as_str())
                {
                    plans.insert(name);
                }
            }
            let mut starts = true;
            for word in text.split_whitespace() {
                let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
                match bare.chars().next() {
                    Some(first) if first.is_uppercase() && !starts => {
                        capital.insert(bare.to_lowercase());
                    }
                    Some(first) if first.is_lowercase() => {
                        lower.insert(bare.to_lowercase());
                    }
                    _ => {}
                }
                starts = word.ends_with(['.', '!', '?', ':', '→', '>', '|']);
            }
        }
        plans.retain(|word| !own.contains(&light_stem(word)));
        let names = capital.difference(&lower).map(|word| light_stem(word)).collect();
        Self { plans, names, own }
    }

    /// Plans that a text names.
    pub fn plans(&self, text: &str) -> BTreeSet<String> {
        let words = all_words(&unified(text));
        words
            .iter()
            .enumerate()
            .filter(|(at, word)| {
                // "free of charge", "feel free" and a capital in the original tell the adjective from the plan.
                self.plans.contains(*word) && (word.as_str() != "free" || is_plan_free(text, &words, *at))
            })
            .map(|(_, word)| word.clone())
            .collect()
    }

    /// What a text is about: stems of its informative words, one for each meaning, without plans, platforms and numbers.
    pub fn subject(&self, text: &str) -> BTreeSet<String> {
        let text = unified(text);
        let all = all_words(&text);
        let kept = all.iter().filter(|word| KEPT_GRAMMAR.contains(&word.as_str())).cloned();
        informative_words(&text)
            .into_iter()
            .chain(kept)
            .filter(|word| !word.starts_with(|c: char| c.is_ascii_digit()) && !self.plans.contains(word))
            .filter(|word| !PLACES.contains(&word.as_str()))
            .map(|word| light_stem(&word))
            .filter(|stem| !self.own.contains(stem))
            .map(|stem| meaning(&stem).map_or(stem, str::to_owned))
            .filter(|stem| !stem.is_empty())
            .collect()
    }

    /// Those of the words that are names.
    pub fn names<'a>(&self, words: &'a BTreeSet<String>) -> impl Iterator<Item = &'a String> + use<'a, '_> {
        words.iter().filter(|word| self.names.contains(*word))
    }
}

/// Platforms and the like that a text names.
pub fn places(text: &str) -> BTreeSet<String> {
    all_words(text).into_iter().filter(|word| PLACES.contains(&word.as_str())).collect()
}

fn is_plan_free(text: &str, words: &[String], at: usize) -> bool {
    text.contains("Free") || words.get(at + 1).is_some_and(|next| next.starts_with("plan"))
}

fn meaning(stem: &str) -> Option<&'static str> {
    MEANINGS.iter().find(|(said, _)| *said == stem).map(|(_, meant)| *meant)
}

/// Lower-case phrases as single words; everything else as it is.
fn unified(text: &str) -> String {
    let mut unified = text.to_owned();
    for (phrase, word) in PHRASES {
        while let Some(at) = unified.to_lowercase().find(phrase) {
            // Lower-casing may change lengths outside ASCII: then the phrase stays.
            let Some(found) = unified.get(at..at + phrase.len()) else { break };
            if !found.eq_ignore_ascii_case(phrase) {
                break;
            }
            unified.replace_range(at..at + phrase.len(), word);
        }
    }
    unified
}

/// Share of words that two sets have in common (Jaccard).
pub fn overlap(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f32 {
    let all = one.union(other).count();
    if all == 0 { 0.0 } else { one.intersection(other).count() as f32 / all as f32 }
}
