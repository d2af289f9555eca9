//! BERT as a sentence encoder (Devlin et al. 2018), without padding: the texts of a pass lie one after another in one
//! matrix, and only attention knows where each begins. Knows nothing of tokenizers, threads or caches.

use super::{
    elementwise::{AddBias, AddNorm, BiasGelu, Norm, Softmax},
    weights::Weights,
};
use crate::llm::error::EngineError;
use candle_core::{DType, Device, IndexOp, Result, Tensor};
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
#[derive(Debug)]
pub(super) struct Bert {
    /// (vocabulary, hidden), half precision: a lookup table gains nothing from more.
    words: Tensor,
    /// (positions, hidden), with the first segment's vector added.
    positions: Tensor,
    first_norm: Norm,
    layers: Vec<Layer>,
    heads: usize,
    hidden: usize,
    position_count: usize,
}

#[derive(Debug)]
struct Layer {
    /// Query, key and value side by side; the query's part carries the 1/sqrt(head width).
    attention_in: Linear,
    attention_out: Linear,
    attention_norm: Norm,
    up: Linear,
    down: Linear,
    output_norm: Norm,
}

#[derive(Debug)]
struct Linear {
    /// (inputs, outputs).
    weight: Tensor,
    bias: Vec<f32>,
}

impl Bert {
    pub fn load(weights: &Weights, shape: BertShape) -> std::result::Result<Self, EngineError> {
        let words = weights.get("embeddings.word_embeddings.weight")?;
        let (_, hidden) = words.dims2()?;
        if shape.heads == 0 || hidden % shape.heads != 0 {
            return Err(EngineError::Network(format!(
                "{hidden} dimensions cannot be shared by {} heads",
                shape.heads
            )));
        }
        let positions = weights.get("embeddings.position_embeddings.weight")?;
        let segment = weights.get("embeddings.token_type_embeddings.weight")?.narrow(0, 0, 1)?;
        let layers = (0..)
            .take_while(|index| weights.has(&format!("encoder.layer.{index}.output.dense.weight")))
            .map(|index| Layer::load(weights, index, hidden / shape.heads, shape.epsilon))
            .collect::<std::result::Result<Vec<_>, _>>()?;
        if layers.is_empty() {
            return Err(EngineError::Network(
                "the file has no `encoder.layer.0`; is it a BERT model?".into(),
            ));
        }
        Ok(Self {
            words: words.to_dtype(DType::F16)?,
            positions: positions.broadcast_add(&segment)?,
            first_norm: norm(weights, "embeddings.LayerNorm", shape.epsilon)?,
            layers,
            heads: shape.heads,
            hidden,
            position_count: positions.dim(0)?,
        })
    }

    /// Length of a vector.
    pub fn dimensions(&self) -> usize {
        self.hidden
    }

    /// The longest text in tokens.
    pub fn position_count(&self) -> usize {
        self.position_count
    }

    /// One unit vector a text, for token ids with the model's own first and last token.
    pub fn embed(&self, texts: &[&[u32]], pooling: Pooling) -> Result<Vec<Vec<f32>>> {
        let spans = spans_of(texts);
        let mut states = self.look_up(texts)?;
        for layer in &self.layers {
            states = layer.forward(&states, &spans, self.heads)?;
        }
        let states = states.flatten_all()?.to_vec1::<f32>()?;
        Ok(spans
            .into_iter()
            .map(|span| pool(&states[span.start * self.hidden..span.end * self.hidden], self.hidden, pooling))
            .collect())
    }

    fn look_up(&self, texts: &[&[u32]]) -> Result<Tensor> {
        let ids: Vec<u32> = texts.concat();
        let count = ids.len();
        let positions: Vec<u32> = texts.iter().flat_map(|text| (0u32..).take(text.len())).collect();
        let words =
            self.words.index_select(&Tensor::from_vec(ids, count, &Device::Cpu)?, 0)?.to_dtype(DType::F32)?;
        let positions = self.positions.index_select(&Tensor::from_vec(positions, count, &Device::Cpu)?, 0)?;
        words.inplace_op2(&positions, &AddNorm { bias: &vec![0.0; self.hidden], norm: &self.first_norm })?;
        Ok(words)
    }
}

impl Layer {
    fn load(
        weights: &Weights,
        index: usize,
        head_width: usize,
        epsilon: f32,
    ) -> std::result::Result<Self, EngineError> {
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let query = Linear::load(weights, &name("attention.self.query"))?
            .scaled((head_width as f32).sqrt().recip())?;
        let key = Linear::load(weights, &name("attention.self.key"))?;
        let value = Linear::load(weights, &name("attention.self.value"))?;
        Ok(Self {
            attention_in: Linear {
                weight: Tensor::cat(&[&query.weight, &key.weight, &value.weight], 1)?.contiguous()?,
                bias: [query.bias, key.bias, value.bias].concat(),
            },
            attention_out: Linear::load(weights, &name("attention.output.dense"))?,
            attention_norm: norm(weights, &name("attention.output.LayerNorm"), epsilon)?,
            up: Linear::load(weights, &name("intermediate.dense"))?,
            down: Linear::load(weights, &name("output.dense"))?,
            output_norm: norm(weights, &name("output.LayerNorm"), epsilon)?,
        })
    }

    fn forward(&self, states: &Tensor, spans: &[Range<usize>], heads: usize) -> Result<Tensor> {
        let mixed = states.matmul(&self.attention_in.weight)?;
        mixed.inplace_op1(&AddBias(&self.attention_in.bias))?;
        let attended = self.attention_out.multiply(&attention(&mixed, spans, heads)?)?;
        attended
            .inplace_op2(states, &AddNorm { bias: &self.attention_out.bias, norm: &self.attention_norm })?;
        let inner = self.up.multiply(&attended)?;
        inner.inplace_op1(&BiasGelu(&self.up.bias))?;
        let output = self.down.multiply(&inner)?;
        output.inplace_op2(&attended, &AddNorm { bias: &self.down.bias, norm: &self.output_norm })?;
        Ok(output)
    }
}

impl Linear {
    fn load(weights: &Weights, name: &str) -> std::result::Result<Self, EngineError> {
        let weight = weights.get(&format!("{name}.weight"))?.t()?.contiguous()?;
        Ok(Self { weight, bias: weights.values(&format!("{name}.bias"))? })
    }

    fn scaled(self, factor: f32) -> Result<Self> {
        let weight = (self.weight * f64::from(factor))?;
        Ok(Self { weight, bias: self.bias.into_iter().map(|bias| bias * factor).collect() })
    }

    fn multiply(&self, states: &Tensor) -> Result<Tensor> {
        states.matmul(&self.weight)
    }
}

fn norm(weights: &Weights, name: &str, epsilon: f32) -> std::result::Result<Norm, EngineError> {
    let scale = weights.values(&format!("{name}.weight"))?;
    Ok(Norm { scale, shift: weights.values(&format!("{name}.bias"))?, epsilon })
}

/// Attention within each span; `mixed` is (tokens, 3 * hidden), the answer (tokens, hidden).
fn attention(mixed: &Tensor, spans: &[Range<usize>], heads: usize) -> Result<Tensor> {
    let (tokens, width) = mixed.dims2()?;
    let hidden = width / 3;
    // (3, heads, tokens, head width), a view.
    let split = mixed.reshape((tokens, 3, heads, hidden / heads))?.permute((1, 2, 0, 3))?;
    let parts = spans
        .iter()
        .map(|span| {
            let length = span.len();
            let part = |index: usize| split.i(index)?.narrow(1, span.start, length);
            let scores = part(0)?.matmul(&part(1)?.transpose(1, 2)?)?;
            scores.inplace_op1(&Softmax(length))?;
            scores.matmul(&part(2)?)?.transpose(0, 1)?.reshape((length, hidden))
        })
        .collect::<Result<Vec<_>>>()?;
    match parts.as_slice() {
        [only] => Ok(only.clone()),
        _ => Tensor::cat(&parts, 0),
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
