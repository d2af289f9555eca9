//! A small linear classifier over hashed words and letters, trained in a moment from the exemplars when the policy is
//! loaded: no weights are shipped, so what it knows is exactly what the exemplars say. Deterministic.

use super::reading::Reading;
use std::collections::HashMap;

/// A sparse vector: (bucket, value), each bucket once, length 1.
pub type Features = Vec<(u32, f32)>;

/// Buckets of the hash space.
const BUCKETS: u32 = 1 << 18;

/// Words, pairs of neighbours, and letter groups of 3 to 5 within words, hashed (FNV-1a) and scaled to length 1.
pub fn features(words: &[&str]) -> Features {
    let mut counts: HashMap<u32, f32> = HashMap::new();
    let mut add = |parts: &[&[u8]], value: f32| {
        let bucket = hash(parts) % BUCKETS;
        let entry = counts.entry(bucket).or_default();
        *entry = entry.max(value);
    };
    for (index, word) in words.iter().enumerate() {
        add(&[b"w", word.as_bytes()], 1.0);
        if let Some(next) = words.get(index + 1) {
            add(&[b"b", word.as_bytes(), next.as_bytes()], 0.8);
            if let Some(after) = words.get(index + 2) {
                add(&[b"s", word.as_bytes(), after.as_bytes()], 0.4);
            }
        }
        let padded: Vec<char> =
            std::iter::once('^').chain(word.chars()).chain(std::iter::once('$')).collect();
        for length in 3..=5 {
            for window in padded.windows(length) {
                let letters: String = window.iter().collect();
                add(&[b"c", letters.as_bytes()], 0.35);
            }
        }
    }
    let mut features: Features = counts.into_iter().collect();
    features.sort_unstable_by_key(|(bucket, _)| *bucket);
    scale_to_one(&mut features);
    features
}

/// The features of some tokens of a message; numbers are all the same.
pub fn features_of(reading: &Reading, tokens: std::ops::Range<usize>) -> Features {
    let words: Vec<&str> = reading.tokens[tokens]
        .iter()
        .map(
            |token| {
                if token.text.starts_with(|c: char| c.is_ascii_digit()) { "#" } else { token.text.as_str() }
            },
        )
        .collect();
    features(&words)
}

fn scale_to_one(features: &mut Features) {
    let length = features.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        features.iter_mut().for_each(|(_, value)| *value /= length);
    }
}

fn hash(parts: &[&[u8]]) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in parts.iter().flat_map(|part| part.iter().chain(std::iter::once(&0x1f))) {
        hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    (hash ^ (hash >> 29)) as u32
}

/// How two texts resemble each other, 0..1.
pub fn similarity(a: &Features, b: &Features) -> f32 {
    let (mut left, mut right, mut sum) = (0, 0, 0.0);
    while let (Some((one, x)), Some((two, y))) = (a.get(left), b.get(right)) {
        match one.cmp(two) {
            std::cmp::Ordering::Less => left += 1,
            std::cmp::Ordering::Greater => right += 1,
            std::cmp::Ordering::Equal => {
                sum += x * y;
                left += 1;
                right += 1;
            }
        }
    }
    sum
}

/// A training example.
#[derive(Debug, Clone)]
pub struct Example {
    pub features: Features,
    pub positive: bool,
    /// How much it counts.
    pub weight: f32,
}

/// Logistic regression.
#[derive(Debug, Clone)]
pub struct LinearModel {
    weights: Vec<f32>,
    bias: f32,
}

/// How a model is trained.
#[derive(Debug, Clone, Copy)]
pub struct Training {
    pub epochs: usize,
    pub rate: f32,
    /// Decay of weights towards 0 at each use.
    pub decay: f32,
}

impl Default for Training {
    fn default() -> Self {
        Self { epochs: 12, rate: 0.5, decay: 1e-4 }
    }
}

impl LinearModel {
    /// Trains with AdaGrad (Duchi et al., 2011) in a fixed pseudo-random order.
    pub fn train(examples: &[Example], training: Training) -> Self {
        let mut model = Self { weights: vec![0.0; BUCKETS as usize], bias: 0.0 };
        let mut squares = vec![1e-6_f32; BUCKETS as usize];
        let mut bias_square = 1e-6_f32;
        let mut order: Vec<usize> = (0..examples.len()).collect();
        let mut state = 0x2545_F491_4F6C_DD1D_u64;
        for _ in 0..training.epochs {
            shuffle(&mut order, &mut state);
            for index in &order {
                let example = &examples[*index];
                let error = (model.probability(&example.features) - f32::from(u8::from(example.positive)))
                    * example.weight;
                for (bucket, value) in &example.features {
                    let bucket = *bucket as usize;
                    let gradient = error * value + training.decay * model.weights[bucket];
                    squares[bucket] += gradient * gradient;
                    model.weights[bucket] -= training.rate * gradient / squares[bucket].sqrt();
                }
                bias_square += error * error;
                model.bias -= training.rate * 0.5 * error / bias_square.sqrt();
            }
        }
        model
    }

    /// The log-odds of a text being positive.
    pub fn log_odds(&self, features: &Features) -> f32 {
        self.bias + features.iter().map(|(bucket, value)| self.weights[*bucket as usize] * value).sum::<f32>()
    }

    /// The probability of a text being positive.
    pub fn probability(&self, features: &Features) -> f32 {
        1.0 / (1.0 + (-self.log_odds(features)).exp())
    }
}

/// Fisher and Yates, with xorshift64*.
fn shuffle(order: &mut [usize], state: &mut u64) {
    for last in (1..order.len()).rev() {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        let random = state.wrapping_mul(0x2545_F491_4F6C_DD1D);
        order.swap(last, (random % (last as u64 + 1)) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Features {
        let reading = Reading::new(None, text);
        features_of(&reading, 0..reading.tokens.len())
    }

    #[test]
    fn a_misspelt_word_is_still_near() {
        let near = similarity(&of("please refund my money"), &of("plese refnd my mony"));
        let far = similarity(&of("please refund my money"), &of("how do I add a column"));
        assert!(near > 0.25 && far < 0.05, "{near} {far}");
        assert!((similarity(&of("same"), &of("same")) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn what_was_taught_is_known_and_training_twice_gives_the_same() {
        let examples: Vec<Example> =
            ["money back now", "return my money", "where is the button", "how to add a board"]
                .iter()
                .enumerate()
                .map(|(index, text)| Example { features: of(text), positive: index < 2, weight: 1.0 })
                .collect();
        let model = LinearModel::train(&examples, Training::default());
        assert!(model.probability(&of("I want my money back")) > 0.6);
        assert!(model.probability(&of("how do I add a button")) < 0.4);
        let again = LinearModel::train(&examples, Training::default());
        assert_eq!(model.log_odds(&of("my money")).to_bits(), again.log_odds(&of("my money")).to_bits());
    }
}
