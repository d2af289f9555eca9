//! What kind of message it is (a greeting, thanks, spam, a machine's mail, a request) and what it wants.

use super::{
    language::LanguagePolicy,
    pattern::{PatternSet, WordLists},
    policy::{PolicyError, parse},
    reading::{Reading, fold},
};
use crate::domain::triage::{Intent, MessageKind};
use serde::Deserialize;
use std::collections::HashSet;

const FILE: &str = "messages.toml";

/// messages.toml.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MessagesPolicy {
    pub languages: LanguagePolicy,
    pub spelling: SpellingPolicy,
    kinds: Kinds,
    #[serde(rename = "intent")]
    intents: Vec<IntentRule>,
}

/// The `[spelling]` part.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpellingPolicy {
    pub words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kinds {
    greeting: Vec<String>,
    greeting_core: Vec<String>,
    thanks_core: Vec<String>,
    thanks_not: Vec<String>,
    spam: Vec<String>,
    automatic: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct IntentRule {
    name: Intent,
    any: Vec<String>,
}

impl MessagesPolicy {
    /// Reads messages.toml.
    pub fn load(text: &str) -> Result<Self, PolicyError> {
        parse(FILE, text)
    }
}

/// Sorts messages.
#[derive(Debug)]
pub struct KindReader {
    greeting: HashSet<String>,
    greeting_core: HashSet<String>,
    thanks_core: HashSet<String>,
    thanks_not: HashSet<String>,
    spam: PatternSet,
    automatic: PatternSet,
    intents: Vec<Intent>,
    intent_patterns: PatternSet,
}

/// So many different signs make a message spam.
const SPAM_SIGNS: usize = 2;

impl KindReader {
    /// Compiles the policy.
    pub fn load(policy: &MessagesPolicy) -> Result<Self, PolicyError> {
        let compile = |rule: &str, patterns: &[String]| {
            let mut set = PatternSet::default();
            for (owner, pattern) in patterns.iter().enumerate() {
                set.add(owner, pattern, &WordLists::new()).map_err(|error| PolicyError::Pattern {
                    file: FILE,
                    rule: rule.to_owned(),
                    error,
                })?;
            }
            Ok::<_, PolicyError>(set)
        };
        let mut intent_patterns = PatternSet::default();
        for (owner, intent) in policy.intents.iter().enumerate() {
            for pattern in &intent.any {
                intent_patterns.add(owner, pattern, &WordLists::new()).map_err(|error| {
                    PolicyError::Pattern { file: FILE, rule: intent.name.as_str().to_owned(), error }
                })?;
            }
        }
        let words = |words: &[String]| words.iter().map(|word| fold(word)).collect::<HashSet<_>>();
        Ok(Self {
            greeting: words(&policy.kinds.greeting),
            greeting_core: words(&policy.kinds.greeting_core),
            thanks_core: words(&policy.kinds.thanks_core),
            thanks_not: words(&policy.kinds.thanks_not),
            spam: compile("spam", &policy.kinds.spam)?,
            automatic: compile("automatic", &policy.kinds.automatic)?,
            intents: policy.intents.iter().map(|intent| intent.name).collect(),
            intent_patterns,
        })
    }

    /// The kind. `body` is the text without its subject: a subject line alone does not make a greeting a request.
    pub fn kind(&self, reading: &Reading, body: &Reading, automatic_mail: bool) -> MessageKind {
        if automatic_mail || self.is_automatic(reading) {
            return MessageKind::AutomaticMail;
        }
        if body.tokens.is_empty() {
            // "Hello" above a row of emoji asks nothing.
            let subject_asks = reading.tokens.iter().any(|token| !self.greeting.contains(&token.text));
            let shows_something =
                body.original.chars().any(|c| !c.is_whitespace() && !c.is_ascii_punctuation());
            return match (subject_asks, shows_something) {
                (true, _) => MessageKind::Request,
                (false, true) => MessageKind::EmojiOnly,
                (false, false) => MessageKind::Empty,
            };
        }
        let mut signs: Vec<usize> = self.spam.find(reading).into_iter().map(|found| found.owner).collect();
        signs.sort_unstable();
        signs.dedup();
        if signs.len() >= SPAM_SIGNS {
            return MessageKind::Spam;
        }
        if self.is_greeting(body) {
            return MessageKind::Greeting;
        }
        if self.is_thanks(body) {
            return MessageKind::Thanks;
        }
        MessageKind::Request
    }

    /// Machines say so in the subject or in their first sentences.
    fn is_automatic(&self, reading: &Reading) -> bool {
        self.automatic.find(reading).iter().any(|found| {
            let sentence = &reading.sentences[found.sentence];
            sentence.subject
                || (found.sentence <= 1 && reading.sentences[0].tokens.len() <= 12 && found.tokens.start < 8)
        })
    }

    fn is_greeting(&self, body: &Reading) -> bool {
        let words: Vec<&str> = body.tokens.iter().map(|token| token.text.as_str()).collect();
        words.len() <= 7
            && words.iter().any(|word| self.greeting_core.contains(*word))
            && words.iter().all(|word| self.greeting.contains(*word))
    }

    fn is_thanks(&self, body: &Reading) -> bool {
        let words: Vec<&str> = body.tokens.iter().map(|token| token.text.as_str()).collect();
        words.len() <= 25
            && words.iter().any(|word| self.thanks_core.contains(*word))
            && !words.iter().any(|word| self.thanks_not.contains(*word))
            && !body.sentences.iter().any(|sentence| sentence.ends_with_question_mark)
    }

    /// What it wants: the intent with most matches, the policy's order deciding a tie.
    pub fn intent(&self, reading: &Reading) -> Intent {
        let mut counts = vec![0_usize; self.intents.len()];
        for found in self.intent_patterns.find(reading) {
            // the subject says what it is about: it counts double
            counts[found.owner] += if reading.sentences[found.sentence].subject { 2 } else { 1 };
        }
        let best = counts.iter().copied().max().unwrap_or_default();
        if best == 0 {
            return Intent::General;
        }
        counts.iter().position(|count| *count == best).map_or(Intent::General, |index| self.intents[index])
    }
}
