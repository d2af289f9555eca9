//! Mood read against labels and scores.

use super::{
    rows::SentimentRow,
    statistics::{Interval, share, wilson},
};
use crate::domain::sentiment::{Sentiment, SentimentLabel};
use serde::Serialize;
use std::{collections::BTreeMap, fmt};

/// A row whose direction was read wrongly.
#[derive(Debug, Clone, Serialize)]
pub struct SentimentMiss {
    pub id: String,
    pub expected: String,
    pub read: String,
    pub score: f32,
    pub text: String,
}

/// What `frontdesk eval sentiment` reports.
#[derive(Debug, Clone, Serialize)]
pub struct SentimentReport {
    pub rows: usize,
    /// Rows with a label (given, or taken from the score) that were read as that label.
    pub direction_accuracy: f64,
    pub direction_wilson: Interval,
    pub labelled: usize,
    /// Mean absolute error on the 0..1 scale over rows with a score.
    pub mean_error: Option<f64>,
    pub scored: usize,
    /// Expected label, then read label, then count.
    pub confusion: BTreeMap<String, BTreeMap<String, usize>>,
    pub by_set: BTreeMap<String, f64>,
    pub misses: Vec<SentimentMiss>,
}

/// Runs `read` (subject, text) on every row and scores it.
pub fn evaluate_sentiment(
    rows: &[SentimentRow],
    mut read: impl FnMut(Option<&str>, &str) -> Sentiment,
    mut progress: impl FnMut(usize),
) -> SentimentReport {
    let (mut labelled, mut right, mut scored, mut error) = (0, 0, 0, 0.0_f64);
    let mut confusion: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut sets: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut misses = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let sentiment = read(row.subject.as_deref(), &row.body);
        let label = sentiment.label().as_str();
        if let Some(expected) = row.label().map(SentimentLabel::as_str) {
            labelled += 1;
            let hit = usize::from(expected == label);
            right += hit;
            let set = sets.entry(row.set.clone()).or_default();
            *set = (set.0 + hit, set.1 + 1);
            *confusion.entry(expected.to_owned()).or_default().entry(label.to_owned()).or_default() += 1;
            if hit == 0 {
                let text = [row.subject.as_deref().unwrap_or_default(), &row.body].join(" | ");
                misses.push(SentimentMiss {
                    id: row.id.clone(),
                    expected: expected.to_owned(),
                    read: label.to_owned(),
                    score: sentiment.score,
                    text: text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect(),
                });
            }
        }
        if let Some(expected) = row.unit_score() {
            scored += 1;
            error += f64::from((f32::midpoint(sentiment.score, 1.0) - expected).abs());
        }
        progress(index + 1);
    }
    SentimentReport {
        rows: rows.len(),
        direction_accuracy: share(right, labelled),
        direction_wilson: wilson(right, labelled),
        labelled,
        mean_error: (scored > 0).then(|| error / scored as f64),
        scored,
        confusion,
        by_set: sets.into_iter().map(|(name, (hits, all))| (name, share(hits, all))).collect(),
        misses,
    }
}

impl fmt::Display for SentimentReport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{} messages: direction right on {:.1} % of {} (Wilson {:.1} to {:.1} %)",
            self.rows,
            self.direction_accuracy * 100.0,
            self.labelled,
            self.direction_wilson.low * 100.0,
            self.direction_wilson.high * 100.0
        )?;
        if let Some(error) = self.mean_error {
            writeln!(out, "mean error {error:.3} on the 0..1 scale over {}", self.scored)?;
        }
        writeln!(out, "\n{:<12} {:>9} {:>9} {:>9}", "is \\ read as", "negative", "neutral", "positive")?;
        for (expected, read) in &self.confusion {
            let count = |label: &str| read.get(label).copied().unwrap_or_default();
            writeln!(
                out,
                "{expected:<12} {:>9} {:>9} {:>9}",
                count("negative"),
                count("neutral"),
                count("positive")
            )?;
        }
        for (set, accuracy) in self.by_set.iter().filter(|(set, _)| !set.is_empty()) {
            writeln!(out, "{set:<24} {:.1} %", accuracy * 100.0)?;
        }
        Ok(())
    }
}
