//! How a message sounds, -1..1: the VADER method (Hutto and Gilbert, 2014) over its own lexicon, with valences for the
//! words and turns of phrase of support messages on top. Knows nothing of escalation.

use super::{
    pattern::{PatternSet, WordLists},
    policy::{PolicyError, parse},
    reading::Reading,
};
use crate::domain::sentiment::Sentiment;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

const LEXICON: &str = include_str!("../../assets/policy/lexicons/vader.tsv");
const FILE: &str = "sentiment.toml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentimentPolicy {
    scale: Scale,
    words: BTreeMap<String, f32>,
    #[serde(rename = "phrase")]
    phrases: Vec<Phrase>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scale {
    softness: f32,
    bias: f32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    valence: f32,
    /// The words of the phrase count for nothing by themselves; a courtesy's valence counters their usual one.
    #[serde(default)]
    neutralises: bool,
    any: Vec<String>,
}

/// The mood reader.
#[derive(Debug, Clone)]
pub struct SentimentReader {
    valences: HashMap<String, f32>,
    phrases: Vec<Phrase>,
    patterns: PatternSet,
    scale: Scale,
}

/// Constants of VADER: how much an intensifier adds, what a negation leaves, how much capitals add.
const INTENSIFIER: f32 = 0.293;
const NEGATION: f32 = -0.74;
const CAPITALS: f32 = 0.733;

impl SentimentReader {
    /// Reads the policy over the lexicon that is compiled in.
    pub fn load(policy: &str) -> Result<Self, PolicyError> {
        let policy: SentimentPolicy = parse(FILE, policy)?;
        let mut valences: HashMap<String, f32> = LEXICON
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .filter_map(|(word, valence)| Some((word.to_owned(), valence.parse().ok()?)))
            .collect();
        valences.extend(policy.words);
        let lists = WordLists::from([(
            "charged".to_owned(),
            ["charged", "billed", "debited", "deducted", "invoiced"].map(str::to_owned).to_vec(),
        )]);
        let mut patterns = PatternSet::default();
        for (index, phrase) in policy.phrases.iter().enumerate() {
            for pattern in &phrase.any {
                patterns.add(index, pattern, &lists).map_err(|error| PolicyError::Pattern {
                    file: FILE,
                    rule: format!("phrase {}", index + 1),
                    error,
                })?;
            }
        }
        Ok(Self { valences, phrases: policy.phrases, patterns, scale: policy.scale })
    }

    /// The lexicon's words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.valences.keys().map(String::as_str)
    }

    /// Reads the mood. The confidence grows with how much of the text carries any.
    pub fn read(&self, reading: &Reading) -> Sentiment {
        if reading.tokens.is_empty() {
            return Sentiment::NEUTRAL;
        }
        let mut carried: Vec<f32> = self.word_valences(reading);
        let mut extra = 0.0;
        for found in self.patterns.find(reading) {
            let phrase = &self.phrases[found.owner];
            if reading.sentences[found.sentence].quoted_line {
                continue;
            }
            let own = &mut carried[found.tokens.clone()];
            if phrase.neutralises {
                own.fill(0.0);
                continue;
            }
            // the phrase replaces what its words carry, if it is stronger
            let sum: f32 = own.iter().sum();
            if sum.abs() < phrase.valence.abs() || sum.signum() != phrase.valence.signum() {
                own.fill(0.0);
                extra += phrase.valence;
            }
        }
        let sum = carried.iter().sum::<f32>() + extra + self.scale.bias;
        let marks: usize = reading.sentences.iter().map(|sentence| sentence.exclamation_marks).sum();
        let emphasis = marks.min(4) as f32 * 0.292;
        let sum = if sum > 0.0 {
            sum + emphasis
        } else if sum < 0.0 {
            sum - emphasis
        } else {
            sum
        };
        let score = sum / (sum * sum + self.scale.softness).sqrt();
        let mood_words = carried.iter().filter(|valence| **valence != 0.0).count() as f32 + extra.abs();
        Sentiment { score: (score * 100.0).round() / 100.0, confidence: (0.4 + 0.12 * mood_words).min(0.95) }
    }

    /// The valence each token carries in its place: intensified, negated, in capitals, after "but".
    fn word_valences(&self, reading: &Reading) -> Vec<f32> {
        let tokens = &reading.tokens;
        let shouting = tokens.iter().filter(|token| token.capitals).count() * 10 >= tokens.len() * 9;
        let mut valences = vec![0.0; tokens.len()];
        for sentence in reading.sentences.iter().filter(|sentence| !sentence.quoted_line) {
            for index in sentence.tokens.clone() {
                let Some(base) =
                    self.valences.get(&tokens[index].text).copied().filter(|valence| *valence != 0.0)
                else {
                    continue;
                };
                let mut valence = base;
                if tokens[index].capitals && !shouting {
                    valence += CAPITALS * base.signum();
                }
                for distance in 1..=3_usize {
                    let Some(before) =
                        index.checked_sub(distance).filter(|before| *before >= sentence.tokens.start)
                    else {
                        break;
                    };
                    let word = tokens[before].text.as_str();
                    let fading = [1.0, 0.95, 0.9][distance - 1];
                    valence += intensity(word) * base.signum() * fading;
                    if is_negation(word) {
                        valence *= NEGATION;
                    }
                }
                valences[index] = valence;
            }
            if let Some(but) = sentence
                .tokens
                .clone()
                .find(|index| ["but", "however", "yet", "although"].contains(&tokens[*index].text.as_str()))
            {
                for index in sentence.tokens.clone() {
                    valences[index] *= if index < but { 0.5 } else { 1.5 };
                }
            }
        }
        valences
    }
}

fn intensity(word: &str) -> f32 {
    match word {
        "very" | "really" | "so" | "extremely" | "incredibly" | "absolutely" | "completely" | "totally"
        | "highly" | "super" | "utterly" | "deeply" | "truly" | "seriously" | "especially" | "most"
        | "too" | "enormously" | "fully" | "entirely" => INTENSIFIER,
        "slightly" | "somewhat" | "bit" | "little" | "kinda" | "partly" | "barely" | "hardly" | "almost"
        | "marginally" | "occasionally" => -INTENSIFIER,
        _ => 0.0,
    }
}

fn is_negation(word: &str) -> bool {
    matches!(
        word,
        "not"
            | "no"
            | "never"
            | "without"
            | "nor"
            | "neither"
            | "none"
            | "nobody"
            | "nothing"
            | "cannot"
            | "rarely"
            | "seldom"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sentiment::SentimentLabel::{self, Negative, Neutral, Positive};
    use rstest::rstest;

    #[rstest]
    #[case("I love this app, it is amazing!", Positive)]
    #[case("You charged my card twice and nobody answers me.", Negative)]
    #[case("How do I add a teammate to a project?", Neutral)]
    #[case("Please help, thanks in advance!", Neutral)]
    #[case("THIS IS RIDICULOUS. Worst service ever!!!", Negative)]
    #[case("not happy at all with the new design", Negative)]
    #[case("", Neutral)]
    fn the_mood_a_person_would_hear(#[case] text: &str, #[case] label: SentimentLabel) {
        let reader =
            SentimentReader::load(include_str!("../../assets/policy/sentiment.toml")).expect("policy");
        let sentiment = reader.read(&Reading::new(None, text));
        assert_eq!(sentiment.label(), label, "{text}: {sentiment:?}");
    }

    proptest::proptest! {
        #[test]
        fn scores_stay_on_the_scale(text in "\\PC{0,200}") {
            let reader = SentimentReader::load(include_str!("../../assets/policy/sentiment.toml")).expect("policy");
            let sentiment = reader.read(&Reading::new(None, &text));
            proptest::prop_assert!((-1.0..=1.0).contains(&sentiment.score));
            proptest::prop_assert!((0.0..=1.0).contains(&sentiment.confidence));
        }
    }
}
