//! BERT as a sentence encoder (Devlin et al. 2018), without padding: the texts of a pass lie one after another in one
//! matrix, and only attention knows where each begins. Knows nothing of tokenizers, threads or caches.

use super::{
    float_layer::{FloatLayer, norm},
    weights::Weights,
};
use crate::llm::{
    error::EngineError,
    kernels::{Backend, FixedArena, FixedMatrix, FixedRows, LayerNorm},
};
use half::{f16, slice::HalfFloatSliceExt};
use std::ops::Range;

/// How the vectors of a text's tokens become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pooling {
    /// Their mean (sentence-transformers models such as all-MiniLM, gte).
    #[default]
    Mean,
    /// The first token's (bge).
    First,
}

/// The shape of a network; what the weights' own shapes do not tell comes from `config.json`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BertShape {
    pub heads: usize,
    pub epsilon: f32,
}

/// A loaded network.
pub(super) struct Bert {
    /// (vocabulary, hidden), half precision: a lookup table gains nothing from more.
    words: Vec<f16>,
    /// (positions, hidden), with the first segment's vector added.
    positions: Vec<f32>,
    first_norm: LayerNorm,
    matrices: FixedArena,
    layers: Vec<Layer>,
    heads: usize,
    hidden: usize,
}

pub(super) struct Layer {
    /// Query, key and value side by side; the query's part carries the 1/sqrt(head width).
    pub attention_in: FixedMatrix,
    pub attention_out: FixedMatrix,
    pub attention_norm: LayerNorm,
    pub up: FixedMatrix,
    pub down: FixedMatrix,
    pub output_norm: LayerNorm,
}

/// Preallocated memory of a pass; grows to the largest pass it has seen.
#[derive(Default)]
pub(super) struct Workspace {
    /// `[row][hidden]`: the tokens' states.
    states: Vec<f32>,
    /// `[row][query, key, value]`, then `[row][inner]`.
    wide: Vec<f32>,
    /// `[row][hidden]`: what attention has mixed, then what a half of a layer adds.
    added: Vec<f32>,
    /// What the next product multiplies.
    fixed: FixedRows,
}

impl Bert {
    pub fn load(weights: &Weights, shape: BertShape) -> Result<Self, EngineError> {
        let (words, hidden) = weights.rows("embeddings.word_embeddings.weight")?;
        if shape.heads == 0 || !hidden.is_multiple_of(shape.heads * 16) || !hidden.is_multiple_of(32) {
            return Err(EngineError::Network(format!(
                "{hidden} dimensions cannot be shared by {} heads that are a multiple of sixteen wide",
                shape.heads
            )));
        }
        let (mut positions, _) = weights.rows("embeddings.position_embeddings.weight")?;
        let (segments, _) = weights.rows("embeddings.token_type_embeddings.weight")?;
        for row in positions.chunks_exact_mut(hidden) {
            row.iter_mut().zip(&segments).for_each(|(value, segment)| *value += segment);
        }
        let floats: Vec<FloatLayer> = (0..)
            .take_while(|index| weights.has(&format!("encoder.layer.{index}.output.dense.weight")))
            .map(|index| FloatLayer::load(weights, index, hidden, shape))
            .collect::<Result<_, _>>()?;
        if floats.is_empty() {
            return Err(EngineError::Network(
                "the file has no `encoder.layer.0`; is it a BERT model?".into(),
            ));
        }
        let mut matrices = FixedArena::new(floats.iter().map(FloatLayer::weights).sum())
            .map_err(|error| EngineError::Network(format!("no memory for the weights: {error}")))?;
        let layers = floats.into_iter().map(|layer| layer.pack(&mut matrices)).collect();
        Ok(Self {
            words: words.into_iter().map(f16::from_f32).collect(),
            positions,
            first_norm: norm(weights, "embeddings.LayerNorm", hidden, shape.epsilon)?,
            matrices,
            layers,
            heads: shape.heads,
            hidden,
        })
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.hidden
    }

    /// The longest text in tokens.
    pub fn position_count(&self) -> usize {
        self.positions.len() / self.hidden
    }

    /// One unit vector a text, for token ids with the model's own first and last token. A text's vector does not depend,
    /// to the bit, on which texts go with it.
    ///
    /// # Errors
    /// If a token is not in the vocabulary or a text is longer than the model's positions.
    pub fn embed(
        &self,
        backend: &Backend,
        work: &mut Workspace,
        texts: &[&[u32]],
        pooling: Pooling,
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let spans = self.forward(backend, work, texts, self.layers.len())?;
        let states = &work.states;
        Ok(spans
            .into_iter()
            .map(|span| pool(&states[span.start * self.hidden..span.end * self.hidden], self.hidden, pooling))
            .collect())
    }

    /// `[token][hidden]`: the states of a text's tokens behind one of the layers. They do not depend on what else is read.
    ///
    /// # Errors
    /// As [`Bert::embed`], and if there is no such layer.
    pub fn states(
        &self,
        backend: &Backend,
        work: &mut Workspace,
        text: &[u32],
        layer: usize,
    ) -> Result<Vec<f32>, EngineError> {
        if !(1..=self.layers.len()).contains(&layer) {
            return Err(EngineError::Network(format!("the model has no layer number {layer}")));
        }
        self.forward(backend, work, &[text], layer)?;
        Ok(work.states[..text.len() * self.hidden].to_vec())
    }

    /// Leaves the tokens' states behind the first layers in the workspace, and says which rows are whose.
    fn forward(
        &self,
        backend: &Backend,
        work: &mut Workspace,
        texts: &[&[u32]],
        layers: usize,
    ) -> Result<Vec<Range<usize>>, EngineError> {
        let spans = spans_of(texts);
        let rows = spans.last().map_or(0, |span| span.end);
        self.look_up(backend, work, texts, rows)?;
        for layer in &self.layers[..layers] {
            self.layer(backend, work, layer, &spans, rows);
        }
        Ok(spans)
    }

    fn look_up(
        &self,
        backend: &Backend,
        work: &mut Workspace,
        texts: &[&[u32]],
        rows: usize,
    ) -> Result<(), EngineError> {
        let hidden = self.hidden;
        reserve(&mut work.states, rows * hidden);
        reserve(&mut work.added, rows * hidden);
        let mut targets = work.states.chunks_exact_mut(hidden).zip(work.added.chunks_exact_mut(hidden));
        for text in texts {
            if text.len() > self.position_count() {
                return Err(EngineError::Network("a text is longer than the model reads".into()));
            }
            for ((id, position), (state, added)) in
                text.iter().zip(self.positions.chunks_exact(hidden)).zip(&mut targets)
            {
                let word = self.words.chunks_exact(hidden).nth(*id as usize);
                let word =
                    word.ok_or_else(|| EngineError::Network(format!("the model has no token number {id}")))?;
                word.convert_to_f32_slice(state);
                added.copy_from_slice(position);
            }
        }
        backend.add_norm(&mut work.states, &work.added, rows, &self.first_norm, &mut work.fixed);
        Ok(())
    }

    fn layer(
        &self,
        backend: &Backend,
        work: &mut Workspace,
        layer: &Layer,
        spans: &[Range<usize>],
        rows: usize,
    ) {
        let hidden = self.hidden;
        let Workspace { states, wide, added, fixed } = work;
        reserve(wide, rows * layer.attention_in.columns().max(layer.up.columns()));
        backend.multiply_fixed(fixed, &self.matrices, &layer.attention_in, wide);
        backend.attend_texts(wide, hidden, self.heads, spans, added);
        backend.fix(added, rows, hidden, fixed);
        backend.multiply_fixed(fixed, &self.matrices, &layer.attention_out, added);
        backend.add_norm(states, added, rows, &layer.attention_norm, fixed);
        backend.multiply_fixed(fixed, &self.matrices, &layer.up, wide);
        backend.gelu(wide, rows, layer.up.columns(), fixed);
        backend.multiply_fixed(fixed, &self.matrices, &layer.down, added);
        backend.add_norm(states, added, rows, &layer.output_norm, fixed);
    }
}

fn reserve(values: &mut Vec<f32>, length: usize) {
    if values.len() < length {
        values.resize(length, 0.0);
    }
}

fn spans_of(texts: &[&[u32]]) -> Vec<Range<usize>> {
    let mut start = 0;
    texts
        .iter()
        .map(|text| {
            let span = start..start + text.len();
            start = span.end;
            span
        })
        .collect()
}

fn pool(states: &[f32], hidden: usize, pooling: Pooling) -> Vec<f32> {
    let mut vector = vec![0.0f32; hidden];
    let rows = match pooling {
        Pooling::Mean => states.chunks_exact(hidden).len(),
        Pooling::First => 1,
    };
    for row in states.chunks_exact(hidden).take(rows) {
        for (sum, value) in vector.iter_mut().zip(row) {
            *sum += value;
        }
    }
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
    if length > 0.0 {
        for value in &mut vector {
            *value /= length;
        }
    }
    vector
}
