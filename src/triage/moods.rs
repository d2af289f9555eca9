//! What the sentiment exemplars teach: how far a mood goes, and which direction it has. Learned when the policy is loaded.

use super::{
    learning::{Example, Features, LinearModel},
    meaning::Meaning,
};
use crate::domain::sentiment::{Sentiment, SentimentLabel};

/// Log-odds of the words from which on a message counts as negative, and as positive.
#[derive(Debug, Clone, Copy)]
pub struct Cuts {
    pub negative_from: f32,
    pub positive_from: f32,
}

/// What the exemplars taught.
#[derive(Debug, Clone)]
pub struct Learned {
    /// How far a mood goes.
    scale: LinearModel,
    /// A scale alone, cut at fixed points, shrinks towards the middle and calls too much neutral.
    directions: Directions,
}

/// The log-odds that a message has a direction, by its words.
#[derive(Debug, Clone)]
pub struct Directions {
    negative: LinearModel,
    positive: LinearModel,
}

impl Directions {
    /// Learns them from messages with their moods.
    pub fn from(examples: &[Example]) -> Self {
        let direction = |label: SentimentLabel| {
            let examples: Vec<Example> = examples
                .iter()
                .map(|example| {
                    let is = Sentiment { score: example.target, confidence: 1.0 }.label() == label;
                    Example { target: if is { 1.0 } else { -1.0 }, ..example.clone() }
                })
                .collect();
            LinearModel::classifier_in(PASSES, &examples, COST)
        };
        Self { negative: direction(SentimentLabel::Negative), positive: direction(SentimentLabel::Positive) }
    }

    /// Of a negative mood and of a positive one.
    pub fn log_odds(&self, features: &Features) -> [f32; 2] {
        [self.negative.value(features), self.positive.value(features)]
    }
}

impl Learned {
    /// Learns it from messages with their moods.
    pub fn from(examples: &[Example]) -> Self {
        Self { scale: LinearModel::scale(examples, DAMPING, PASSES), directions: Directions::from(examples) }
    }

    /// The direction as words and meaning see it, or words alone, and within it what the scale says.
    pub fn score(&self, features: &Features, cuts: Cuts, meaning: Option<(&Meaning, &[f32])>) -> f32 {
        let score = self.scale.value(features).clamp(-1.0, 1.0);
        let words = self.directions.log_odds(features);
        let label = match meaning {
            Some((meaning, vector)) => meaning.mood(words, vector),
            None => by_words(words, cuts),
        };
        match label {
            SentimentLabel::Negative => score.min(-EDGE),
            SentimentLabel::Positive => score.max(EDGE),
            SentimentLabel::Neutral => score.clamp(-JUST_NEUTRAL, JUST_NEUTRAL),
        }
    }
}

/// When both see theirs, the surer one counts.
fn by_words([negative, positive]: [f32; 2], cuts: Cuts) -> SentimentLabel {
    let (negative, positive) = (negative - cuts.negative_from, positive - cuts.positive_from);
    if negative > 0.0 && negative >= positive {
        SentimentLabel::Negative
    } else if positive > 0.0 {
        SentimentLabel::Positive
    } else {
        SentimentLabel::Neutral
    }
}

/// From here on [`Sentiment::label`] speaks of a direction, and the last hundredth before it.
const EDGE: f32 = 0.3;
const JUST_NEUTRAL: f32 = 0.29;

/// How closely the directions follow the exemplars, by cross-validation over them; and how often the exemplars are gone over, few
/// times so that loading stays quick.
const COST: f32 = 10.0;
const PASSES: usize = 12;

/// What damps the learned scale.
const DAMPING: f32 = 0.4;
