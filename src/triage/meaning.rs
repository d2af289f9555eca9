//! What the meaning of a whole message adds to its words: weights over its sentence vector, for the three moods and for
//! "a person must take over", blended with what the classifiers of words say. Works only beside them and only with the
//! embedding model it was fitted for; without one, words decide alone. The weights are data (`meaning.toml`), written by
//! `frontdesk eval meaning --write` from our own exemplars.

use super::policy::{PolicyError, parse};
use crate::domain::{sentiment::SentimentLabel, triage::TriageInput};
use serde::{Deserialize, Serialize};

const FILE: &str = "meaning.toml";

/// The moods, in the order the file has them.
pub const MOODS: [SentimentLabel; 3] =
    [SentimentLabel::Negative, SentimentLabel::Neutral, SentimentLabel::Positive];

/// The file.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// Id of the embedding model whose vectors the weights read.
    pub model: String,
    /// One for each of [`MOODS`]: log-odds, of which the greatest wins.
    pub moods: Vec<MoodHead>,
    pub escalation: EscalationHead,
}

/// How much speaks for one mood.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct MoodHead {
    pub mood: SentimentLabel,
    pub constant: f32,
    /// What the words' log-odds of a negative and of a positive mood count.
    pub words: [f32; 2],
    /// What each dimension of the vector counts; in the file in ten-thousandths.
    #[serde(with = "ten_thousandths")]
    pub vector: Vec<f32>,
}

/// How much speaks for a person, in the units of the words' log-odds, so that the policy's offsets hold with it and without.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct EscalationHead {
    pub constant: f32,
    /// What the words' log-odds count.
    pub words: f32,
    #[serde(with = "ten_thousandths")]
    pub vector: Vec<f32>,
}

impl Meaning {
    /// Reads the file and checks that it is whole.
    pub fn load(text: &str) -> Result<Self, PolicyError> {
        let meaning: Self = parse(FILE, text)?;
        let problem =
            |problem: &str| PolicyError::Rule { rule: FILE.to_owned(), problem: problem.to_owned() };
        let moods: Vec<SentimentLabel> = meaning.moods.iter().map(|head| head.mood).collect();
        if moods != MOODS {
            return Err(problem("it must have negative, neutral and positive under `moods`, in this order"));
        }
        let length = meaning.escalation.vector.len();
        if length == 0 || meaning.moods.iter().any(|head| head.vector.len() != length) {
            return Err(problem("all of its vectors must be of one length"));
        }
        Ok(meaning)
    }

    /// Whether the weights can read this vector.
    pub fn reads(&self, vector: &[f32]) -> bool {
        vector.len() == self.escalation.vector.len() && vector.iter().all(|value| value.is_finite())
    }

    /// The mood for which most speaks; `words` are the words' log-odds of a negative and of a positive one.
    pub fn mood(&self, words: [f32; 2], vector: &[f32]) -> SentimentLabel {
        let odds = |head: &MoodHead| {
            head.constant
                + head.words[0] * words[0]
                + head.words[1] * words[1]
                + product(&head.vector, vector)
        };
        self.moods
            .iter()
            .max_by(|one, other| odds(one).total_cmp(&odds(other)))
            .map_or(SentimentLabel::Neutral, |head| head.mood)
    }

    /// Log-odds that a person must take over; `words` is what the words alone say.
    pub fn escalation(&self, words: f32, vector: &[f32]) -> f32 {
        let head = &self.escalation;
        head.constant + head.words * words + product(&head.vector, vector)
    }
}

/// What is embedded of a message: the subject and the customer's own lines, as far as a model's window goes.
pub fn text_for_vector(input: &TriageInput<'_>) -> String {
    const MOST_CHARACTERS: usize = 2_000;
    let own = input.text.lines().filter(|line| !line.trim_start().starts_with('>'));
    let subject = input.subject.filter(|subject| !subject.trim().is_empty());
    let lines: Vec<&str> = subject.into_iter().chain(own).collect();
    lines.join("\n").trim().chars().take(MOST_CHARACTERS).collect()
}

/// Whole numbers in the file: shorter, and the same on every machine.
mod ten_thousandths {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub fn serialize<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
        let whole: Vec<i32> = values.iter().map(|value| (value * 10_000.0).round() as i32).collect();
        whole.serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
        let whole = Vec::<i32>::deserialize(deserializer)?;
        Ok(whole.into_iter().map(|value| value as f32 / 10_000.0).collect())
    }
}

/// The sum of the products; the shorter ends it.
pub fn product(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::triage::{PolicyFiles, TriageEngine};

    fn meaning() -> Meaning {
        let head =
            |mood, words, vector: [f32; 2]| MoodHead { mood, constant: 0.0, words, vector: vector.to_vec() };
        Meaning {
            model: "test".to_owned(),
            moods: vec![
                head(SentimentLabel::Negative, [1.0, 0.0], [2.0, 0.0]),
                head(SentimentLabel::Neutral, [0.0, 0.0], [0.0, 0.0]),
                head(SentimentLabel::Positive, [0.0, 1.0], [-2.0, 0.0]),
            ],
            escalation: EscalationHead { constant: -0.5, words: 0.5, vector: vec![0.0, 3.0] },
        }
    }

    /// A message whose words say little and whose meaning says much would sound neutral.
    #[test]
    fn words_and_meaning_are_weighed_together() {
        let meaning = meaning();
        assert_eq!(meaning.mood([-0.5, -1.0], &[0.9, 0.1]), SentimentLabel::Negative);
        assert_eq!(meaning.mood([-0.5, -1.0], &[-0.9, 0.1]), SentimentLabel::Positive);
        assert_eq!(meaning.mood([-0.5, -0.5], &[0.0, 1.0]), SentimentLabel::Neutral);
        assert!((meaning.escalation(1.0, &[0.0, 0.5]) - 1.5).abs() < 1e-6);
    }

    /// Weights of another model would decide by chance.
    #[test]
    fn a_vector_of_another_length_is_not_read() {
        let meaning = meaning();
        assert!(meaning.reads(&[0.1, 0.2]));
        assert!(!meaning.reads(&[0.1, 0.2, 0.3]));
        assert!(!meaning.reads(&[f32::NAN, 0.2]));
    }

    /// A box whose embedding model is another one, or none, decides by words, and the same way each time.
    #[test]
    fn without_the_right_vector_words_decide_alone() {
        let engine = TriageEngine::load(&PolicyFiles::embedded()).expect("the shipped policy");
        let input = TriageInput { text: "You charged us twice, please refund.", ..TriageInput::default() };
        let alone = engine.triage(&input);
        assert!(alone.escalation.escalate);
        assert_eq!(engine.triage_with_vector(&input, Some(&[0.5; 7])), alone);
        let with = engine.triage_with_vector(&input, Some(&[0.05; 384]));
        assert!(with.escalation.escalate, "no vector takes a binding rule away");
    }

    /// What the customer quotes of us would be read as the customer's own words.
    #[test]
    fn quoted_lines_are_not_embedded() {
        let input = TriageInput {
            subject: Some("Re: your ticket"),
            text: "It works now.\n> We are sorry that it is broken.\nThanks!",
            ..TriageInput::default()
        };
        assert_eq!(text_for_vector(&input), "Re: your ticket\nIt works now.\nThanks!");
    }

    #[test]
    fn a_file_with_a_missing_mood_is_refused() {
        let mut meaning = meaning();
        meaning.moods.pop();
        let text = toml::to_string(&meaning).expect("a file");
        let error = Meaning::load(&text).expect_err("two moods");
        assert!(error.to_string().contains("negative, neutral and positive"), "{error}");
    }
}
