//! A model's weights, loaded.

use super::config::ModelConfig;
use crate::llm::{
    kernels::{Backend, HeadShape, InstructionSet, Matrix},
    kv_cache::{CacheShape, Sequence},
    weights::{LoadError, ModelFile},
};
use std::{collections::HashMap, path::Path, thread};

/// How to load and run a model.
#[derive(Debug, Clone, Copy, Default)]
pub struct LoadOptions {
    /// Threads for loading and for passes; `None` takes one a core.
    pub threads: Option<usize>,
    /// Kernels to use; `None` takes the processor's best.
    pub instruction_set: Option<InstructionSet>,
}

/// One layer's weights.
pub(super) struct Layer {
    pub(super) attention_norm: Vec<f32>,
    /// Matrices whose outputs lie side by side: queries, keys, values.
    pub(super) fused: Vec<Matrix>,
    /// Biases of the same.
    pub(super) biases: Option<Vec<f32>>,
    /// Weights of the queries' and the keys' own norms.
    pub(super) head_norms: Option<(Vec<f32>, Vec<f32>)>,
    pub(super) attention_output: Matrix,
    /// Norm of what attention adds.
    pub(super) post_attention_norm: Option<Vec<f32>>,
    pub(super) feed_forward_norm: Vec<f32>,
    /// Gate and up, side by side.
    pub(super) gate_up: Vec<Matrix>,
    pub(super) down: Matrix,
    /// Norm of what the feed-forward half adds.
    pub(super) post_feed_forward_norm: Option<Vec<f32>>,
}

/// An immutable model, shared by all sequences.
pub struct Model {
    pub(super) config: ModelConfig,
    pub(super) backend: Backend,
    pub(super) embedding: Matrix,
    pub(super) layers: Vec<Layer>,
    pub(super) output_norm: Vec<f32>,
    pub(super) output: Matrix,
    weight_bytes: u64,
    file_bytes: u64,
}

impl Model {
    /// Loads a GGUF file.
    pub fn load(path: &Path, options: &LoadOptions) -> Result<Self, LoadError> {
        let file = ModelFile::open(path)?;
        let config = ModelConfig::read(&file)?;
        let threads =
            options.threads.or_else(|| thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
        let names = Names { file: &file, config: &config };
        let mut wanted = names.matrices();
        let tied = !file.has("output.weight");
        wanted.push(("token_embd.weight".to_owned(), config.vocabulary, config.width));
        if !tied {
            wanted.push(("output.weight".to_owned(), config.vocabulary, config.width));
        }
        let mut matrices = file.matrices(&wanted, threads)?;
        let weight_bytes = matrices.values().map(|matrix| matrix.bytes() as u64).sum();
        let layers =
            (0..config.layers).map(|layer| names.layer(layer, &mut matrices)).collect::<Result<_, _>>()?;
        let embedding = take(&mut matrices, "token_embd.weight")?;
        let output = if tied { embedding.clone() } else { take(&mut matrices, "output.weight")? };
        Ok(Self {
            output_norm: file.vector("output_norm.weight", config.width)?,
            backend: Backend::new(threads, options.instruction_set),
            embedding,
            layers,
            output,
            weight_bytes,
            file_bytes: file.bytes(),
            config,
        })
    }

    /// What the file says of the model.
    pub fn config(&self) -> &ModelConfig {
        &self.config
    }

    /// Bytes of the weights in memory.
    pub fn weight_bytes(&self) -> u64 {
        self.weight_bytes
    }

    /// Bytes of the file.
    pub fn file_bytes(&self) -> u64 {
        self.file_bytes
    }

    /// The kernels in use.
    pub fn instruction_set(&self) -> InstructionSet {
        self.backend.instruction_set()
    }

    /// Sizes of a sequence's cache.
    pub fn cache_shape(&self) -> CacheShape {
        let ModelConfig { layers, key_heads, head_width, .. } = self.config;
        CacheShape { layers, key_heads, width: head_width }
    }

    /// An empty sequence with room for `capacity_tokens`.
    pub fn new_sequence(&self, capacity_tokens: usize) -> Sequence {
        Sequence::new(self.cache_shape(), capacity_tokens)
    }

    /// The heads of a layer.
    pub(super) fn head_shape(&self, layer: usize) -> HeadShape {
        let local = self.config.local.as_ref().filter(|_| self.config.is_local(layer));
        HeadShape {
            query_heads: self.config.query_heads,
            key_heads: self.config.key_heads,
            width: self.config.head_width,
            rope: self.config.rope_pairs,
            scale: self.config.attention_scale,
            window: local.map_or(self.config.window, |local| Some(local.window)),
        }
    }
}

fn take(matrices: &mut HashMap<String, Matrix>, name: &str) -> Result<Matrix, LoadError> {
    matrices.remove(name).ok_or_else(|| LoadError::Missing(name.to_owned()))
}

/// The names of a file's tensors and the shapes the configuration wants of them.
struct Names<'a> {
    file: &'a ModelFile,
    config: &'a ModelConfig,
}

impl Names<'_> {
    /// Matrices whose outputs lie side by side for attention: name, outputs, inputs.
    fn fused(&self, layer: usize) -> Vec<(String, usize, usize)> {
        let c = self.config;
        let queries = c.query_heads * c.head_width;
        let keys = c.key_heads * c.head_width;
        let fused = format!("blk.{layer}.attn_qkv.weight");
        if self.file.has(&fused) {
            return vec![(fused, queries + 2 * keys, c.width)];
        }
        vec![
            (format!("blk.{layer}.attn_q.weight"), queries, c.width),
            (format!("blk.{layer}.attn_k.weight"), keys, c.width),
            (format!("blk.{layer}.attn_v.weight"), keys, c.width),
        ]
    }

    /// Gate and up, side by side; one matrix in files that have no gate of its own.
    fn gate_up(&self, layer: usize) -> Vec<(String, usize, usize)> {
        let c = self.config;
        let gate = format!("blk.{layer}.ffn_gate.weight");
        let up = format!("blk.{layer}.ffn_up.weight");
        if self.file.has(&gate) {
            vec![(gate, c.feed_forward, c.width), (up, c.feed_forward, c.width)]
        } else {
            vec![(up, 2 * c.feed_forward, c.width)]
        }
    }

    fn attention_output(&self, layer: usize) -> (String, usize, usize) {
        let c = self.config;
        (format!("blk.{layer}.attn_output.weight"), c.width, c.query_heads * c.head_width)
    }

    fn down(&self, layer: usize) -> (String, usize, usize) {
        let c = self.config;
        (format!("blk.{layer}.ffn_down.weight"), c.width, c.feed_forward)
    }

    fn matrices(&self) -> Vec<(String, usize, usize)> {
        let mut all = Vec::new();
        for layer in 0..self.config.layers {
            all.extend(self.fused(layer));
            all.push(self.attention_output(layer));
            all.extend(self.gate_up(layer));
            all.push(self.down(layer));
        }
        all
    }

    fn layer(&self, layer: usize, matrices: &mut HashMap<String, Matrix>) -> Result<Layer, LoadError> {
        let width = self.config.width;
        let mut take_all = |names: Vec<(String, usize, usize)>| {
            names.iter().map(|(name, ..)| take(matrices, name)).collect::<Result<Vec<_>, _>>()
        };
        let fused = take_all(self.fused(layer))?;
        let gate_up = take_all(self.gate_up(layer))?;
        let mut outputs = take_all(vec![self.attention_output(layer), self.down(layer)])?;
        let (down, attention_output) = (outputs.swap_remove(1), outputs.swap_remove(0));
        let norm = |name: &str, len: usize| {
            let name = format!("blk.{layer}.{name}.weight");
            if self.file.has(&name) { self.file.vector(&name, len).map(Some) } else { Ok(None) }
        };
        let head_width = self.config.head_width;
        Ok(Layer {
            head_norms: norm("attn_q_norm", head_width)?.zip(norm("attn_k_norm", head_width)?),
            post_attention_norm: norm("post_attention_norm", width)?,
            post_feed_forward_norm: norm("post_ffw_norm", width)?,
            attention_norm: self.file.vector(&format!("blk.{layer}.attn_norm.weight"), width)?,
            biases: self.biases(layer)?,
            fused,
            attention_output,
            feed_forward_norm: self.file.vector(&format!("blk.{layer}.ffn_norm.weight"), width)?,
            gate_up,
            down,
        })
    }

    /// Biases of queries, keys and values, side by side; `None` if the model has none.
    fn biases(&self, layer: usize) -> Result<Option<Vec<f32>>, LoadError> {
        let mut biases = Vec::new();
        for (weight, columns, _) in self.fused(layer) {
            let name = weight.replace(".weight", ".bias");
            if !self.file.has(&name) {
                return Ok(None);
            }
            biases.extend(self.file.vector(&name, columns)?);
        }
        Ok(Some(biases))
    }
}
