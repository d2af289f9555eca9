//! A layer of BERT as it lies in the file, in floats, checked and on its way into fixed point.

use super::{
    bert::{BertShape, Layer},
    weights::Weights,
};
use crate::llm::{
    error::EngineError,
    kernels::{FixedArena, LayerNorm},
};

/// A layer as it is read from the file.
pub(super) struct FloatLayer {
    attention_in: Linear,
    attention_out: Linear,
    attention_norm: LayerNorm,
    up: Linear,
    down: Linear,
    output_norm: LayerNorm,
}

impl FloatLayer {
    pub fn load(
        weights: &Weights,
        index: usize,
        hidden: usize,
        shape: BertShape,
    ) -> Result<Self, EngineError> {
        let name = |part: &str| format!("encoder.layer.{index}.{part}");
        let scale = ((hidden / shape.heads) as f32).sqrt().recip();
        let query = Linear::load(weights, &name("attention.self.query"), hidden)?;
        let key = Linear::load(weights, &name("attention.self.key"), hidden)?;
        let value = Linear::load(weights, &name("attention.self.value"), hidden)?;
        let scaled = |values: Vec<f32>| values.into_iter().map(|value| value * scale).collect();
        let attention_in = Linear {
            weights: [scaled(query.weights), key.weights, value.weights].concat(),
            bias: [scaled(query.bias), key.bias, value.bias].concat(),
            width: hidden,
        };
        let up = Linear::load(weights, &name("intermediate.dense"), hidden)?;
        let layer = Self {
            attention_out: Linear::load(weights, &name("attention.output.dense"), hidden)?,
            attention_norm: norm(weights, &name("attention.output.LayerNorm"), hidden, shape.epsilon)?,
            down: Linear::load(weights, &name("output.dense"), up.bias.len())?,
            output_norm: norm(weights, &name("output.LayerNorm"), hidden, shape.epsilon)?,
            attention_in,
            up,
        };
        let outputs = [&layer.attention_out, &layer.down].map(|linear| linear.bias.len());
        if layer.attention_in.bias.len() != 3 * hidden || outputs != [hidden; 2] {
            return Err(EngineError::Network(format!("layer {index} does not give {hidden} dimensions")));
        }
        Ok(layer)
    }

    /// Weights of its matrices, biases not counted.
    pub fn weights(&self) -> usize {
        [&self.attention_in, &self.attention_out, &self.up, &self.down]
            .map(|linear| linear.weights.len())
            .iter()
            .sum()
    }

    pub fn pack(self, arena: &mut FixedArena) -> Layer {
        let mut pack = |linear: Linear| arena.pack(&linear.weights, linear.bias, linear.width);
        Layer {
            attention_in: pack(self.attention_in),
            attention_out: pack(self.attention_out),
            attention_norm: self.attention_norm,
            up: pack(self.up),
            down: pack(self.down),
            output_norm: self.output_norm,
        }
    }
}

/// Outputs one after another, and their bias.
struct Linear {
    weights: Vec<f32>,
    bias: Vec<f32>,
    width: usize,
}

impl Linear {
    fn load(weights: &Weights, name: &str, width: usize) -> Result<Self, EngineError> {
        let (values, inputs) = weights.rows(&format!("{name}.weight"))?;
        let bias = weights.values(&format!("{name}.bias"))?;
        let whole = inputs.is_multiple_of(32) && bias.len().is_multiple_of(16);
        if inputs != width || values.len() != bias.len() * width || !whole {
            return Err(EngineError::Network(format!("`{name}` has a shape that is not supported")));
        }
        Ok(Self { weights: values, bias, width })
    }
}

pub(super) fn norm(
    weights: &Weights,
    name: &str,
    width: usize,
    epsilon: f32,
) -> Result<LayerNorm, EngineError> {
    let scale = weights.values(&format!("{name}.weight"))?;
    let shift = weights.values(&format!("{name}.bias"))?;
    if scale.len() != width || shift.len() != width {
        return Err(EngineError::Network(format!("`{name}` has a shape that is not supported")));
    }
    Ok(LayerNorm { scale, shift, epsilon })
}
