//! A small linear classifier over hashed words and letters, trained in a moment from the exemplars when the policy is
//! loaded: no weights are shipped, so what it knows is exactly what the exemplars say. Deterministic.

use super::reading::Reading;
use std::collections::HashMap;

/// A sparse vector: (bucket, value), each bucket once, length 1.
pub type Features = Vec<(u32, f32)>;

/// Buckets: hashed words and letters, then room for plain values, then the constant.
const BUCKETS: u32 = HASHED + 32;
const HASHED: u32 = 1 << 18;

/// Words, pairs of neighbours, and letter groups of 3 to 5 within words, hashed (FNV-1a) and scaled to length 1.
pub fn features(words: &[&str]) -> Features {
    let mut counts: HashMap<u32, f32> = HashMap::new();
    let mut add = |parts: &[&[u8]], value: f32| {
        let bucket = hash(parts) % HASHED;
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

/// Adds plain values (at most 31) beside the words.
pub fn with_values(mut features: Features, values: &[f32]) -> Features {
    features.extend((HASHED..CONSTANT).zip(values.iter().copied()).filter(|(_, value)| *value != 0.0));
    features
}

fn scale_to_one(features: &mut Features) {
    let length = features.iter().map(|(_, value)| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for (_, value) in features.iter_mut() {
            *value /= length;
        }
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
    /// What the model should say: for [`LinearModel::classifier`] over 0 means yes, for [`LinearModel::scale`] the value itself.
    pub target: f32,
    /// How much it counts.
    pub weight: f32,
}

/// A weight for each bucket.
#[derive(Debug, Clone)]
pub struct LinearModel {
    weights: Vec<f32>,
}

/// Passes over the examples; the weights no longer change in the third digit long before.
const PASSES: usize = 40;

/// The bucket that every example has: it learns what holds without any words.
const CONSTANT: u32 = BUCKETS - 1;

impl LinearModel {
    /// Logistic regression by dual coordinate descent (Yu, Huang and Lin, 2011), in a fixed pseudo-random order. The greater the
    /// cost, the closer to the examples.
    pub fn classifier(examples: &[Example], cost: f32) -> Self {
        Self::classifier_in(PASSES, examples, cost)
    }

    /// The same with fewer passes over the examples, where the last digits do not count.
    pub fn classifier_in(passes: usize, examples: &[Example], cost: f32) -> Self {
        let mut model = Self { weights: vec![0.0; BUCKETS as usize] };
        let mut duals: Vec<f32> =
            examples.iter().map(|example| (cost * example.weight * 0.01).max(1e-6)).collect();
        for (example, dual) in examples.iter().zip(&duals) {
            model.add(&example.features, dual * example.target.signum());
        }
        each_in_turn(passes, examples.len(), |index| {
            let example = &examples[index];
            let (side, most) = (example.target.signum(), cost * example.weight);
            let length = squared_length(&example.features);
            let margin = side * model.value(&example.features);
            let before = duals[index];
            let after = best_dual(before, margin, length, most);
            model.add(&example.features, (after - before) * side);
            duals[index] = after;
        });
        model
    }

    /// Ridge regression by dual coordinate descent. The greater the damping, the closer to 0.
    pub fn scale(examples: &[Example], damping: f32, passes: usize) -> Self {
        let mut model = Self { weights: vec![0.0; BUCKETS as usize] };
        let mut duals = vec![0.0_f32; examples.len()];
        each_in_turn(passes, examples.len(), |index| {
            let example = &examples[index];
            let damping = damping / example.weight.max(1e-3);
            let rest = example.target - model.value(&example.features) - damping * duals[index];
            let step = rest / (squared_length(&example.features) + damping);
            model.add(&example.features, step);
            duals[index] += step;
        });
        model
    }

    /// The weights of the first so many buckets, and the constant behind them.
    pub fn first(&self, count: usize) -> Vec<f32> {
        let mut first = self.weights[..count].to_vec();
        first.push(self.weights[CONSTANT as usize]);
        first
    }

    /// The log-odds of a classifier, the value of a scale.
    pub fn value(&self, features: &Features) -> f32 {
        let sum: f32 = features.iter().map(|(bucket, value)| self.weights[*bucket as usize] * value).sum();
        sum + self.weights[CONSTANT as usize]
    }

    fn add(&mut self, features: &Features, step: f32) {
        for (bucket, value) in features {
            self.weights[*bucket as usize] += step * value;
        }
        self.weights[CONSTANT as usize] += step;
    }
}

/// With the constant.
fn squared_length(features: &Features) -> f32 {
    1.0 + features.iter().map(|(_, value)| value * value).sum::<f32>()
}

/// Minimises the dual of logistic loss in one coordinate, within (0, most), by Newton steps that halve the way to a border.
fn best_dual(before: f32, margin: f32, length: f32, most: f32) -> f32 {
    let mut dual = before;
    for _ in 0..8 {
        let slope = length * (dual - before) + margin + (dual / (most - dual)).ln();
        let bend = length + most / (dual * (most - dual));
        let wanted = dual - slope / bend;
        let next = if wanted <= 0.0 {
            dual * 0.5
        } else if wanted >= most {
            f32::midpoint(dual, most)
        } else {
            wanted
        };
        let change = (next - dual).abs();
        dual = next.clamp(most * 1e-6, most * (1.0 - 1e-6));
        if change < most * 1e-5 {
            break;
        }
    }
    dual
}

fn each_in_turn(passes: usize, count: usize, mut visit: impl FnMut(usize)) {
    let mut order: Vec<usize> = (0..count).collect();
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    for _ in 0..passes {
        shuffle(&mut order, &mut state);
        order.iter().copied().for_each(&mut visit);
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
        assert!(near > 0.2 && far < 0.05, "{near} {far}");
        assert!((similarity(&of("same"), &of("same")) - 1.0).abs() < 1e-5);
    }

    #[test]
    fn what_was_taught_is_known_and_training_twice_gives_the_same() {
        let examples: Vec<Example> =
            ["money back now", "return my money", "where is the button", "how to add a board"]
                .iter()
                .enumerate()
                .map(|(index, text)| Example {
                    features: of(text),
                    target: if index < 2 { 1.0 } else { -1.0 },
                    weight: 1.0,
                })
                .collect();
        let model = LinearModel::classifier(&examples, 30.0);
        assert!(model.value(&of("I want my money back")) > 0.4);
        assert!(model.value(&of("how do I add a button")) < -0.4);
        let again = LinearModel::classifier(&examples, 30.0);
        assert_eq!(model.value(&of("my money")).to_bits(), again.value(&of("my money")).to_bits());
        let scale = LinearModel::scale(&examples, 0.01, PASSES);
        for example in &examples {
            assert!((scale.value(&example.features) - example.target).abs() < 0.1);
        }
    }

    #[test]
    fn the_optimum_of_a_problem_solved_by_hand_is_found() {
        // One example with features of squared length 1 and the constant: w = a * x, and a solves 2a + ln(a / (C - a)) = 0.
        let example = Example { features: vec![(7, 1.0)], target: 1.0, weight: 1.0 };
        let value = LinearModel::classifier(&[example], 1.0).value(&vec![(7, 1.0)]);
        let dual = value / 2.0;
        assert!((2.0 * dual + (dual / (1.0 - dual)).ln()).abs() < 1e-3, "{value}");
    }
}
