//! Hyperparameters from GGUF metadata. Each architecture's peculiarities are values here, so that the pass over the
//! layers is one for all.

use crate::llm::{
    kernels::{Gate, MOST_HEAD_WIDTH, RopePairs},
    weights::{LoadError, ModelFile},
};

/// Architectures that load.
pub const ARCHITECTURES: [&str; 5] = ["llama", "qwen2", "qwen3", "gemma3", "phi3"];

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

/// Layers that see only the last tokens, with rotary positions of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalLayers {
    pub rope: RopeConfig,
    /// Positions a token sees, itself included.
    pub window: usize,
    /// Every so many layers one sees everything; the others are local.
    pub global_every: usize,
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
    /// What a token's embedding is multiplied by.
    pub embedding_scale: f32,
    /// Positions a token sees in every layer, itself included; `None` for all.
    pub window: Option<usize>,
    /// Gemma's alternation of local and global layers.
    pub local: Option<LocalLayers>,
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
        if head_width == 0 || head_width > MOST_HEAD_WIDTH || !head_width.is_multiple_of(32) {
            return Err(LoadError::Metadata(key("attention.key_length")));
        }
        let rope_dimensions = file.optional_count(&key("rope.dimension_count")).unwrap_or(head_width);
        if rope_dimensions > head_width || !rope_dimensions.is_multiple_of(2) {
            return Err(LoadError::Metadata(key("rope.dimension_count")));
        }
        let trained = file.count(&key("context_length"))?;
        let (rope, context_tokens) = rope(file, &architecture, rope_dimensions, trained)?;
        let (vocabulary, _) = file.matrix_shape("token_embd.weight")?;
        let epsilon = key("attention.layer_norm_rms_epsilon");
        let layers = file.count(&key("block_count"))?;
        let gemma = architecture == "gemma3";
        let window = file.optional_count(&key("attention.sliding_window")).filter(|window| *window > 0);
        let local = match window {
            Some(window) if gemma => Some(LocalLayers {
                rope: RopeConfig::new(
                    file.optional_float(&key("rope.local_freq_base")).unwrap_or(10_000.0),
                    rope_dimensions,
                ),
                window,
                global_every: file.optional_count(&key("attention.sliding_window_type")).unwrap_or(6).max(1),
            }),
            _ => None,
        };
        // Gemma 3 27B alone scales by the width a head would have if heads made up the state.
        let scaled_width = if gemma && layers == 62 { width / query_heads } else { head_width };
        Ok(Self {
            context_tokens,
            vocabulary,
            layers,
            width,
            feed_forward: file.count(&key("feed_forward_length"))?,
            query_heads,
            key_heads,
            head_width,
            epsilon: file.optional_float(&epsilon).ok_or(LoadError::Metadata(epsilon))?,
            rope_pairs: if architecture == "llama" { RopePairs::Neighbours } else { RopePairs::Halves },
            rope,
            gate: if gemma { Gate::GeluTanh } else { Gate::Silu },
            attention_scale: 1.0 / (scaled_width as f32).sqrt(),
            embedding_scale: if gemma { (width as f32).sqrt() } else { 1.0 },
            window: window.filter(|_| architecture == "phi3"),
            local,
            architecture,
        })
    }

    /// Whether a layer is one of the local ones.
    pub(super) fn is_local(&self, layer: usize) -> bool {
        self.local.as_ref().is_some_and(|local| !(layer + 1).is_multiple_of(local.global_every))
    }
}

/// Rotary positions of the (global) layers, and the context they are good for.
fn rope(
    file: &ModelFile,
    architecture: &str,
    dimensions: usize,
    trained: usize,
) -> Result<(RopeConfig, usize), LoadError> {
    let key = |name: &str| format!("{architecture}.rope.{name}");
    let base = file.optional_float(&key("freq_base")).unwrap_or(10_000.0);
    let mut rope = RopeConfig::new(base, dimensions);
    let mut context = trained;
    let mut divide = |factors: Vec<f32>| {
        rope.frequencies
            .iter_mut()
            .zip(factors)
            .for_each(|(frequency, factor)| *frequency /= f64::from(factor));
    };
    let linear = file
        .metadata(&key("scaling.type"))
        .and_then(|value| value.to_string().ok())
        .is_some_and(|kind| kind == "linear");
    if linear && let Some(factor) = file.optional_float(&key("scaling.factor")).filter(|factor| *factor > 0.0)
    {
        divide(vec![factor; dimensions / 2]);
    }
    if file.has("rope_freqs.weight") {
        divide(file.vector("rope_freqs.weight", dimensions / 2)?);
    }
    if file.has("rope_factors_short.weight") {
        // The long factors serve contexts beyond the original one only and cost precision within it.
        divide(file.vector("rope_factors_short.weight", dimensions / 2)?);
        context =
            file.optional_count(&key("scaling.original_context_length")).unwrap_or(trained).min(trained);
        rope.magnitude = file.optional_float(&key("scaling.attn_factor")).unwrap_or(1.0);
    }
    Ok((rope, context))
}
