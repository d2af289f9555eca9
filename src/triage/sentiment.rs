//! How a message sounds, -1..1. The VADER method (Hutto and Gilbert, 2014) over its own lexicon, with valences for the words and
//! turns of phrase of support messages, gives a first reading. What is learned from the sentiment exemplars when the policy is loaded
//! weighs it with the words themselves, as a calm report of trouble has no strong words: two classifiers decide the direction, a
//! scale how far it goes. Knows nothing of escalation.

use super::{
    learning::{Example, Features, features_of, with_values},
    meaning::Meaning,
    moods::{Cuts, Learned},
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
    /// Log-odds from which on a message counts as negative, and as positive.
    negative_from: f32,
    positive_from: f32,
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

/// A file of sentiment exemplars.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SentimentExemplars {
    #[serde(default, rename = "mood")]
    moods: Vec<MoodGroup>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoodGroup {
    score: f32,
    texts: Vec<String>,
}

/// What the lexicon alone says of a text.
struct LexiconView {
    /// -1..1.
    score: f32,
    /// Sums of what speaks for and against, each over 0.
    positive: f32,
    negative: f32,
    mood_words: f32,
}

/// The mood reader.
#[derive(Debug, Clone)]
pub struct SentimentReader {
    /// `None` until learned, and when there are no exemplars.
    learned: Option<Learned>,
    valences: HashMap<String, f32>,
    phrases: Vec<Phrase>,
    patterns: PatternSet,
    scale: Scale,
}

/// How much the lexicon's values count beside the words, and how much texts whose mood was given for their whole group count
/// beside those marked one by one.
const VALUE_SHARE: f32 = 0.7;
const LESS_EXACT: f32 = 0.6;

/// Constants of VADER: how much an intensifier adds, what a negation leaves, how much capitals add.
const INTENSIFIER: f32 = 0.293;
const NEGATION: f32 = -0.74;
const CAPITALS: f32 = 0.733;

impl SentimentReader {
    /// Reads the policy over the lexicon that is compiled in, and learns the exemplars and `more` texts with their moods.
    pub fn load(
        policy: &str,
        exemplars: &[(&'static str, &str)],
        more: &[(&str, f32)],
    ) -> Result<Self, PolicyError> {
        let mut reader = Self::lexicon(policy)?;
        let examples: Vec<Example> =
            reader.examples(exemplars, more)?.into_iter().map(|(_, example)| example).collect();
        reader.learned = (!examples.is_empty()).then(|| Learned::from(&examples));
        Ok(reader)
    }

    /// What is learned, with its texts.
    pub fn lessons(
        policy: &str,
        exemplars: &[(&'static str, &str)],
        more: &[(&str, f32)],
    ) -> Result<Vec<(String, Example)>, PolicyError> {
        Self::lexicon(policy)?.examples(exemplars, more)
    }

    fn examples(
        &self,
        exemplars: &[(&'static str, &str)],
        more: &[(&str, f32)],
    ) -> Result<Vec<(String, Example)>, PolicyError> {
        let mut groups = Vec::new();
        for (file, text) in exemplars {
            groups.extend(parse::<SentimentExemplars>(file, text)?.moods);
        }
        let own =
            groups.iter().flat_map(|group| group.texts.iter().map(|text| (text.as_str(), group.score, 1.0)));
        let examples = own.chain(more.iter().map(|(text, score)| (*text, *score, LESS_EXACT))).map(
            |(text, target, weight)| {
                let reading = Reading::new(None, text);
                let features = self.features(&reading, &self.view(&reading));
                (text.to_owned(), Example { features, target, weight })
            },
        );
        Ok(examples.collect())
    }

    fn lexicon(policy: &str) -> Result<Self, PolicyError> {
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
        Ok(Self { learned: None, valences, phrases: policy.phrases, patterns, scale: policy.scale })
    }

    /// The lexicon's words.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.valences.keys().map(String::as_str)
    }

    /// Reads the mood, by the words alone or with the message's vector. The confidence grows with how much of the text carries any.
    pub fn read(&self, reading: &Reading, meaning: Option<(&Meaning, &[f32])>) -> Sentiment {
        if reading.tokens.is_empty() {
            return Sentiment::NEUTRAL;
        }
        let view = self.view(reading);
        let cuts = Cuts { negative_from: self.scale.negative_from, positive_from: self.scale.positive_from };
        let score = match &self.learned {
            Some(learned) => learned.score(&self.features(reading, &view), cuts, meaning),
            None => view.score,
        };
        let confidence = (0.4 + 0.12 * view.mood_words).min(0.95);
        Sentiment { score: (score * 100.0).round() / 100.0, confidence }
    }

    /// The words, and beside them what the lexicon says and how it is written.
    fn features(&self, reading: &Reading, view: &LexiconView) -> Features {
        let squash = |sum: f32| sum / (sum * sum + self.scale.softness).sqrt();
        let marks: usize = reading.sentences.iter().map(|sentence| sentence.exclamation_marks).sum();
        let asks = reading.sentences.iter().any(|sentence| sentence.ends_with_question_mark);
        let shouts = reading.capitals_share(15) >= 0.6;
        let values = [
            squash(view.positive),
            squash(view.negative),
            view.score,
            marks.min(4) as f32 / 4.0,
            f32::from(u8::from(asks)),
            f32::from(u8::from(shouts)),
            faces(&reading.original, GLAD),
            faces(&reading.original, SAD),
        ]
        .map(|value| value * VALUE_SHARE);
        with_values(features_of(reading, 0..reading.tokens.len()), &values)
    }

    fn view(&self, reading: &Reading) -> LexiconView {
        let mut carried: Vec<f32> = self.word_valences(reading);
        let mut extra = Vec::new();
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
                extra.push(phrase.valence);
            }
        }
        let all = || carried.iter().chain(&extra).copied();
        let sum = all().sum::<f32>() + self.scale.bias;
        let marks: usize = reading.sentences.iter().map(|sentence| sentence.exclamation_marks).sum();
        let emphasis = marks.min(4) as f32 * 0.292;
        let sum = if sum > 0.0 {
            sum + emphasis
        } else if sum < 0.0 {
            sum - emphasis
        } else {
            sum
        };
        LexiconView {
            score: sum / (sum * sum + self.scale.softness).sqrt(),
            positive: all().filter(|valence| *valence > 0.0).sum(),
            negative: -all().filter(|valence| *valence < 0.0).sum::<f32>(),
            mood_words: carried.iter().filter(|valence| **valence != 0.0).count() as f32
                + extra.iter().sum::<f32>().abs(),
        }
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

/// Pictures that say how somebody feels; the words' reading drops them.
const GLAD: &str = "😊🙂☺😀😃😄😁😆🥰😍🤩😘👍🎉🥳❤💛💚💙💜🧡🙌👏🚀✨🔥💪😎🤗🌟⭐😉👌💯🏆🎊💐🤝😇";
const SAD: &str = "😡😠🤬😤😞😔😟😢😭😩😫😖😣🙄😒😑👎💔😓😥😰😱🤦😕🙁☹😾💩";

/// How many of them stand in a text, two or more being 1.
fn faces(text: &str, kind: &str) -> f32 {
    let found = text.chars().filter(|character| !character.is_ascii() && kind.contains(*character));
    found.take(2).count() as f32 / 2.0
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
    use crate::triage::policy::PolicyFiles;
    use rstest::rstest;
    use std::sync::LazyLock;

    static READER: LazyLock<SentimentReader> = LazyLock::new(|| {
        let files = PolicyFiles::embedded();
        SentimentReader::load(&files.sentiment, &files.moods(), &[]).expect("policy")
    });

    #[rstest]
    #[case("I love this app, it is amazing!", Positive)]
    #[case("You charged my card twice and nobody answers me.", Negative)]
    #[case("How do I add a teammate to a project?", Neutral)]
    #[case("Please help, thanks in advance!", Neutral)]
    #[case("THIS IS RIDICULOUS. Worst service ever!!!", Negative)]
    #[case("not happy at all with the new design", Negative)]
    #[case("", Neutral)]
    // an operator who sorts by mood would not see these in time
    #[case("The till rejects every card and the queue is out of the door.", Negative)]
    #[case("Meine Bestellung ist kaputt angekommen und niemand meldet sich.", Negative)]
    // a company that wants to grow with us would be missed
    #[case("We just joined and would love to bring our second shop over. How do we start?", Positive)]
    #[case("It works again, thank you so much for the quick help 😊", Positive)]
    #[case("¡Muchas gracias, todo funciona de maravilla!", Positive)]
    // everyday business would look like trouble
    #[case("Please send us your data processing agreement for signature.", Neutral)]
    #[case("Où puis-je changer mon adresse ?", Neutral)]
    fn the_mood_a_person_would_hear(#[case] text: &str, #[case] label: SentimentLabel) {
        let sentiment = READER.read(&Reading::new(None, text), None);
        assert_eq!(sentiment.label(), label, "{text}: {sentiment:?}");
    }

    proptest::proptest! {
        #[test]
        fn scores_stay_on_the_scale(text in "\\PC{0,200}") {
                let sentiment = READER.read(&Reading::new(None, &text), None);
            proptest::prop_assert!((-1.0..=1.0).contains(&sentiment.score));
            proptest::prop_assert!((0.0..=1.0).contains(&sentiment.confidence));
        }
    }
}
