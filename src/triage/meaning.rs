//! What an embedder adds, when there is one: a message that means the same as an exemplar in other words. Vectors of the exemplars
//! are computed once; a linear classifier over them gives the log-odds.

use super::{
    exemplars::Exemplar,
    learning::{Example, Features, LinearModel, Training},
    reading::Reading,
};
use crate::ports::model::{Embedder, ModelError};

/// The exemplars as an embedder sees them.
#[derive(Debug)]
pub struct Meanings {
    model: LinearModel,
}

/// The most sentences of a message that are embedded besides the whole of it.
const MAX_SENTENCES: usize = 8;

/// How many texts are embedded in one call.
const BATCH: usize = 32;

impl Meanings {
    /// Embeds every exemplar and learns from the vectors.
    pub async fn learn(exemplars: &[Exemplar], embedder: &dyn Embedder) -> Result<Self, ModelError> {
        let mut examples = Vec::with_capacity(exemplars.len());
        for batch in exemplars.chunks(BATCH) {
            let vectors = embedder.embed(batch.iter().map(|exemplar| exemplar.text.clone()).collect()).await?;
            examples.extend(batch.iter().zip(vectors).map(|(exemplar, vector)| Example {
                features: features(&vector),
                positive: exemplar.escalate,
                weight: exemplar.weight,
            }));
        }
        Ok(Self { model: LinearModel::train(&examples, Training { epochs: 30, rate: 0.3, decay: 1e-3 }) })
    }

    /// Log-odds that a person must take over: of the whole message and of its most telling sentence, evenly.
    pub async fn log_odds(&self, reading: &Reading, embedder: &dyn Embedder) -> Result<f32, ModelError> {
        let mut texts: Vec<String> = reading
            .sentences
            .iter()
            .filter(|sentence| sentence.tokens.len() >= 3 && !sentence.quoted_line)
            .take(MAX_SENTENCES)
            .map(|sentence| reading.words(sentence.tokens.clone()))
            .collect();
        texts.push(reading.original.chars().take(2_000).collect());
        let odds: Vec<f32> = embedder.embed(texts).await?.iter().map(|vector| self.model.log_odds(&features(vector))).collect();
        let Some((whole, sentences)) = odds.split_last() else { return Ok(0.0) };
        let telling = sentences.iter().copied().fold(*whole, f32::max);
        Ok(f32::midpoint(*whole, telling))
    }
}

fn features(vector: &[f32]) -> Features {
    vector.iter().enumerate().map(|(index, value)| (index as u32, *value)).collect()
}
