//! The brand's voice as data: greetings, empathy, words to avoid, limits and sign-offs, channel by channel.

use super::channel::Channel;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The voice of a company. Texts may hold `{name}`, `{company}`, `{team}`, `{promise}`, `{reference}` and `{support_email}`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Voice {
    pub channels: BTreeMap<Channel, ChannelVoice>,
    /// Said once in every automatic reply's sign-off; empty to say nothing.
    pub disclosure: String,
    /// What is said about addresses; own voice files may leave it out.
    #[serde(default)]
    pub identity: IdentityTexts,
    /// Phrases that never leave us, and what stands in their place.
    pub replacements: Vec<Replacement>,
}

/// How one channel speaks.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelVoice {
    pub greeting: String,
    /// The greeting when no name is known.
    pub greeting_without_name: String,
    pub sign_off: String,
    pub reference_line: String,
    pub follow_up: String,
    /// Says that the rest stands in the article when the body had to be shortened.
    pub shortened: String,
    /// Hard limit of the whole reply, all parts together.
    pub max_words: usize,
    /// Hard limit of one part.
    pub max_chars: usize,
    pub max_parts: usize,
    /// Names the articles an answer was taken from.
    pub list_sources: bool,
    pub empathy: Empathy,
    pub hand_over: HandOverTexts,
    pub invite: String,
    pub welcome: String,
    pub added_to_ticket: String,
    pub held: String,
    /// Asks for a rating under answers; holds `{rating_url}`. Empty to say nothing; own voice files may leave it out.
    #[serde(default)]
    pub rating: String,
}

/// The opener by escalation and mood; empty where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Empathy {
    pub escalating_negative: String,
    pub escalating_neutral: String,
    pub escalating_positive: String,
    pub negative: String,
    pub neutral: String,
    pub positive: String,
}

/// What a customer is told when a person takes the matter.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOverTexts {
    /// With `{team}` and `{promise}`.
    pub notice: String,
}

/// What customers are told about their addresses. `{place}` is where a code was asked for, `{address}` where it was sent, `{code}` the
/// code itself, `{tries}` how many are left.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IdentityTexts {
    pub code: String,
    /// Added where answering with the code counts, too.
    pub answer_here: String,
    pub code_sent: String,
    /// The same to whoever wrote by the form, who must not learn whether the address is known.
    pub code_sent_if_known: String,
    pub joined: String,
    pub known: String,
    pub wrong: String,
    pub spent: String,
    pub too_many: String,
}

impl Default for IdentityTexts {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            code: text(
                "Your code is {code}, good for 10 minutes. It was asked for {place}: send it to us there. If that was not you, do nothing.",
            ),
            answer_here: text("Answering here with only the code works as well."),
            code_sent: text(
                "We sent a code to {address}. Send it here within 10 minutes, and we will know that both are you.",
            ),
            code_sent_if_known: text(
                "If you wrote to us from {address} before, a code is on its way there. Enter it here within 10 minutes, and we will know that both are you.",
            ),
            joined: text("Thank you, the code fits. We now know that both addresses are yours."),
            known: text("We know already that this address is yours as well."),
            wrong: text("That code does not fit. Tries left: {tries}."),
            spent: text(
                "That code is no longer good. Tell us your other address again, and we will send a new one.",
            ),
            too_many: text("We have sent several codes lately. Please try again in an hour."),
        }
    }
}

/// A phrase to avoid.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacement {
    pub avoid: String,
    /// Empty: the phrase is dropped.
    #[serde(rename = "use")]
    pub instead: String,
}

impl Voice {
    /// The channel's voice.
    ///
    /// # Errors
    /// Names the channel the data leaves out.
    pub fn channel(&self, channel: Channel) -> Result<&ChannelVoice, MissingVoice> {
        self.channels.get(&channel).ok_or(MissingVoice(channel))
    }

    /// Every phrase to avoid that stands in a text: the linter run on each outgoing text.
    pub fn lint(&self, text: &str) -> Vec<&str> {
        self.replacements
            .iter()
            .map(|r| r.avoid.as_str())
            .filter(|avoid| find_phrase(text, avoid).is_some())
            .collect()
    }

    /// The text with every phrase to avoid replaced.
    pub fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for replacement in &self.replacements {
            let mut from = 0;
            while let Some(at) = find_phrase(&text[from..], &replacement.avoid) {
                from += replace_at(&mut text, from + at, replacement) - from;
            }
        }
        text
    }
}

/// The voice data lacks a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the voice has no [channels.{0}] section")]
pub struct MissingVoice(Channel);

/// Byte offset of a phrase as whole words, letter case aside. Phrases are ASCII, so offsets stay on character borders.
fn find_phrase(text: &str, phrase: &str) -> Option<usize> {
    let (lower, phrase) = (text.to_ascii_lowercase(), phrase.to_ascii_lowercase());
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    lower.match_indices(&phrase).map(|(at, _)| at).find(|at| {
        !word(lower[..*at].chars().next_back()) && !word(lower[at + phrase.len()..].chars().next())
    })
}

/// Replaces one phrase; keeps a capital at its start, and tidies the comma and space a dropped word leaves.
/// Returns the byte offset to go on from.
fn replace_at(text: &mut String, at: usize, replacement: &Replacement) -> usize {
    let end = at + replacement.avoid.len();
    // A capital at the start is kept; an all-capital phrase (ASAP) is a shout, not a start.
    let shouted = text[at..end].chars().all(|c| !c.is_lowercase());
    let capital = text[at..].starts_with(char::is_uppercase) && !shouted;
    if replacement.instead.is_empty() {
        let tail = text[end..].trim_start_matches([',', ' ']).to_owned();
        let mut characters = tail.chars();
        let tail = match characters.next() {
            Some(first) if capital => first.to_uppercase().chain(characters).collect(),
            _ => tail,
        };
        text.truncate(at);
        text.push_str(&tail);
        at
    } else {
        let mut instead = replacement.instead.clone();
        if capital && let Some(first) = instead.get(..1) {
            instead.replace_range(..1, &first.to_uppercase());
        }
        text.replace_range(at..end, &instead);
        at + instead.len()
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use rstest::rstest;

    pub fn shipped() -> Voice {
        toml::from_str(include_str!("../../assets/policy/voice.toml")).expect("the shipped voice parses")
    }

    #[rstest]
    #[case("Unfortunately, we close at six.", "We close at six.")]
    #[case("You can simply click Save.", "You can click Save.")]
    #[case("We answer ASAP.", "We answer as fast as we can.")]
    #[case("Simplify the board.", "Simplify the board.")]
    fn avoided_words_never_leave(#[case] text: &str, #[case] expected: &str) {
        let voice = shipped();
        assert_eq!(voice.apply(text), expected);
        assert_eq!(voice.lint(expected), Vec::<&str>::new());
    }
}
