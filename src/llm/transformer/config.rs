//! Hyperparameters from GGUF metadata. Each architecture's peculiarities are values here, so that the pass over the
//! layers is one for all.

use crate::llm::{
    kernels::{Gate, RopePairs},
    weights::{LoadError, ModelFile},
};

/// Architectures that load.
pub const ARCHITECTURES: [&str; 2] = ["llama", "qwen2"];

/// Rotary positions of one kind of layer.
#[derive(Debug, Clone, PartialEq)]
pub struct RopeConfig {
    /// What each pair of dimensions turns by a position, in radians.
    pub frequencies: Vec<f64>,
    /// What sines and cosines are multiplied by.
    pub magnitude: f32,
}

impl RopeConfig {
    /// The usual frequencies: `base^(-2i / dimensions)`.
    pub fn new(base: f32, dimensions: usize) -> Self {
        let frequencies = (0..dimensions / 2)
            .map(|pair| f64::from(base).powf(-2.0 * pair as f64 / dimensions as f64))
            .collect();
        Self { frequencies, magnitude: 1.0 }
    }
}

/// What a model is like.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelConfig {
    pub architecture: String,
    /// Longest prompt plus answer the model was trained for.
    pub context_tokens: usize,
    pub vocabulary: usize,
    pub layers: usize,
    /// Values of a token's state.
    pub width: usize,
    pub feed_forward: usize,
    pub query_heads: usize,
    pub key_heads: usize,
    pub head_width: usize,
    pub epsilon: f32,
    pub rope_pairs: RopePairs,
    pub rope: RopeConfig,
    pub gate: Gate,
    pub attention_scale: f32,
}

impl ModelConfig {
    pub(crate) fn read(file: &ModelFile) -> Result<Self, LoadError> {
        let architecture = file
            .metadata("general.architecture")
            .and_then(|value| value.to_string().ok())
            .ok_or_else(|| LoadError::Metadata("general.architecture".to_owned()))?
            .clone();
        if !ARCHITECTURES.contains(&architecture.as_str()) {
            return Err(LoadError::Architecture(architecture));
        }
        let key = |name: &str| format!("{architecture}.{name}");
        let width = file.count(&key("embedding_length"))?;
        let query_heads = file.count(&key("attention.head_count"))?;
        let key_heads = file.optional_count(&key("attention.head_count_kv")).unwrap_or(query_heads);
        let head_width =
            file.optional_count(&key("attention.key_length")).unwrap_or(width / query_heads.max(1));
        if key_heads == 0 || !query_heads.is_multiple_of(key_heads) {
            return Err(LoadError::Metadata(key("attention.head_count_kv")));
        }
        if head_width == 0 || !head_width.is_multiple_of(32) {
            return Err(LoadError::Metadata(key("attention.key_length")));
        }
        let rope_dimensions = file.optional_count(&key("rope.dimension_count")).unwrap_or(head_width);
        if rope_dimensions > head_width || !rope_dimensions.is_multiple_of(2) {
            return Err(LoadError::Metadata(key("rope.dimension_count")));
        }
        let base = file.optional_float(&key("rope.freq_base")).unwrap_or(10_000.0);
        let mut rope = RopeConfig::new(base, rope_dimensions);
        if file.has("rope_freqs.weight") {
            let factors = file.vector("rope_freqs.weight", rope_dimensions / 2)?;
            rope.frequencies.iter_mut().zip(factors).for_each(|(frequency, factor)| {
                *frequency /= f64::from(factor);
            });
        }
        let (vocabulary, _) = file.matrix_shape("token_embd.weight")?;
        let epsilon = key("attention.layer_norm_rms_epsilon");
        Ok(Self {
            context_tokens: file.count(&key("context_length"))?,
            vocabulary,
            layers: file.count(&key("block_count"))?,
            width,
            feed_forward: file.count(&key("feed_forward_length"))?,
            query_heads,
            key_heads,
            head_width,
            epsilon: file.optional_float(&epsilon).ok_or(LoadError::Metadata(epsilon))?,
            rope_pairs: if architecture == "llama" { RopePairs::Neighbours } else { RopePairs::Halves },
            rope,
            gate: Gate::Silu,
            attention_scale: 1.0 / (head_width as f32).sqrt(),
            architecture,
        })
    }
}
