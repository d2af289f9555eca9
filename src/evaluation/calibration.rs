//! Whether a confidence means what it says, and fitting the weights so that it does.

use super::answers::FEATURES;
use crate::domain::confidence::Calibration;
use serde::Serialize;
use std::fmt;

/// One row of the reliability table.
#[derive(Debug, Clone, Serialize)]
pub struct Bin {
    pub from: f64,
    pub to: f64,
    pub count: usize,
    pub mean_confidence: f64,
    pub share_right: f64,
}

/// The reliability table with the expected calibration error (Naeini, Cooper, Hauskrecht 2015): the mean distance of
/// confidence and share of right answers over ten equal bins, weighted by their counts; and Brier's score.
#[derive(Debug, Clone, Serialize)]
pub struct Reliability {
    pub expected_calibration_error: f64,
    pub brier: f64,
    pub bins: Vec<Bin>,
}

/// Tabulates pairs of confidence and being right.
pub fn reliability(pairs: &[(f64, bool)]) -> Reliability {
    const BINS: usize = 10;
    let (mut bins, mut error) = (Vec::new(), 0.0);
    for index in 0..BINS {
        let inside: Vec<_> = pairs
            .iter()
            .filter(|(confidence, _)| ((confidence * BINS as f64) as usize).min(BINS - 1) == index)
            .collect();
        if inside.is_empty() {
            continue;
        }
        let count = inside.len() as f64;
        let mean_confidence = inside.iter().map(|(confidence, _)| confidence).sum::<f64>() / count;
        let share_right = inside.iter().filter(|(_, right)| *right).count() as f64 / count;
        error += (mean_confidence - share_right).abs() * count / pairs.len() as f64;
        bins.push(Bin {
            from: index as f64 / BINS as f64,
            to: (index + 1) as f64 / BINS as f64,
            count: inside.len(),
            mean_confidence,
            share_right,
        });
    }
    let brier = pairs
        .iter()
        .map(|(confidence, right)| (confidence - f64::from(u8::from(*right))).powi(2))
        .sum::<f64>()
        / pairs.len().max(1) as f64;
    Reliability { expected_calibration_error: error, brier, bins }
}

impl fmt::Display for Reliability {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "calibration: expected error {:.3}, Brier {:.3}",
            self.expected_calibration_error, self.brier
        )?;
        writeln!(out, "{:<12} {:>6} {:>12} {:>8}", "confidence", "count", "mean", "right")?;
        for bin in &self.bins {
            writeln!(
                out,
                "{:.1} to {:.1}   {:>6} {:>12.3} {:>6.1} %",
                bin.from,
                bin.to,
                bin.count,
                bin.mean_confidence,
                bin.share_right * 100.0
            )?;
        }
        Ok(())
    }
}

/// Values of the evidence in the order of [`FEATURES`], and whether the answer was right.
pub type Example = ([f32; FEATURES.len()], bool);

/// The intercept, then a weight for each of [`FEATURES`].
type Weights = [f64; FEATURES.len() + 1];

/// Fits the logistic regression behind the confidence.
pub fn fit(examples: &[Example]) -> Calibration {
    let [intercept, similarity, word_coverage, certainty, unknown_name, supported_share, verbatim] =
        fit_weights(examples).map(|weight| weight as f32);
    Calibration { intercept, similarity, word_coverage, certainty, unknown_name, supported_share, verbatim }
}

/// Gradient ascent on the likelihood with a small ridge penalty, from zero, a fixed number of steps, so that the same
/// rows give the same weights.
fn fit_weights(examples: &[Example]) -> Weights {
    const STEPS: usize = 20_000;
    const RATE: f64 = 0.5;
    /// Keeps weights small that the rows say nothing of (one mode has but one value of `verbatim`).
    const RIDGE: f64 = 0.0003;
    let mut weights: Weights = [0.0; FEATURES.len() + 1];
    let count = examples.len().max(1) as f64;
    for _ in 0..STEPS {
        let mut gradient: Weights = [0.0; FEATURES.len() + 1];
        for (values, right) in examples {
            let error = f64::from(u8::from(*right)) - probability(&weights, values);
            gradient[0] += error;
            for (slot, value) in gradient[1..].iter_mut().zip(values) {
                *slot += error * f64::from(*value);
            }
        }
        for (index, (weight, slope)) in weights.iter_mut().zip(gradient).enumerate() {
            let penalty = if index == 0 { 0.0 } else { RIDGE * *weight };
            *weight += RATE * (slope / count - penalty);
        }
    }
    weights
}

fn probability(weights: &Weights, values: &[f32; FEATURES.len()]) -> f64 {
    let logit = weights[0] + weights[1..].iter().zip(values).map(|(w, v)| w * f64::from(*v)).sum::<f64>();
    1.0 / (1.0 + (-logit).exp())
}

/// What the calibration would be worth on rows it has not seen: five folds, each row judged by weights fitted without it.
pub fn cross_validated(examples: &[Example]) -> Reliability {
    const FOLDS: usize = 5;
    let mut pairs = Vec::with_capacity(examples.len());
    for fold in 0..FOLDS {
        let (held, rest): (Vec<_>, Vec<_>) =
            examples.iter().enumerate().partition(|(index, _)| index % FOLDS == fold);
        let weights = fit_weights(&rest.into_iter().map(|(_, example)| *example).collect::<Vec<_>>());
        pairs.extend(held.into_iter().map(|(_, (values, right))| (probability(&weights, values), *right)));
    }
    reliability(&pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_that_says_what_happens_has_no_error() {
        let honest: Vec<(f64, bool)> = (0..100).map(|index| (0.75, index % 4 != 0)).collect();
        assert!(reliability(&honest).expected_calibration_error < 1e-9);
        let boastful: Vec<(f64, bool)> = (0..100).map(|index| (0.95, index % 2 == 0)).collect();
        assert!((reliability(&boastful).expected_calibration_error - 0.45).abs() < 1e-9);
    }

    #[test]
    fn fitting_finds_what_matters_and_is_calibrated() {
        let examples: Vec<Example> = (0..200)
            .map(|index| {
                let similarity = (index % 20) as f32 / 20.0;
                let chance = ((index / 20 * 7 + 3) % 10) as f32 / 10.0;
                ([similarity, ((index * 7) % 10) as f32 / 10.0, 0.1, 0.0, 1.0, 1.0], similarity > chance)
            })
            .collect();
        let fitted = fit(&examples);
        assert!(fitted.similarity > 3.0 && fitted.word_coverage.abs() < 1.0, "{fitted:?}");
        assert!(cross_validated(&examples).expected_calibration_error < 0.12);
    }
}
