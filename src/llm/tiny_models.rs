//! Tiny random models of every architecture, written as GGUF files, so that each loader runs without a download.

use candle_core::{
    Device, Result, Tensor,
    quantized::{GgmlDType, QTensor, gguf_file},
};
use std::{fs::File, io::BufWriter, path::Path};

/// Shape of a tiny model.
#[derive(Debug, Clone)]
pub struct TinyModel {
    pub architecture: &'static str,
    pub vocabulary: usize,
    pub layers: usize,
    pub width: usize,
    pub feed_forward: usize,
    pub query_heads: usize,
    pub key_heads: usize,
    pub head_width: usize,
    /// Format of the matrices.
    pub format: GgmlDType,
    /// Whether the output uses the embedding's weights.
    pub tied: bool,
    pub context_tokens: usize,
    /// Positions a local layer of Gemma sees, itself included.
    pub window: usize,
    pub seed: u32,
}

impl TinyModel {
    /// A model of the architecture that exercises groups of heads.
    pub fn new(architecture: &'static str, format: GgmlDType) -> Self {
        Self {
            architecture,
            vocabulary: 300,
            layers: 2,
            width: 256,
            feed_forward: 512,
            query_heads: 4,
            key_heads: 2,
            head_width: 64,
            format,
            tied: false,
            context_tokens: 512,
            window: 24,
            seed: 1,
        }
    }

    /// Writes the model; `extra` is further metadata, such as a tokenizer's.
    pub fn write(&self, path: &Path, extra: &[(&str, gguf_file::Value)]) -> Result<()> {
        let tensors = self.tensors()?;
        let metadata = self.metadata();
        let metadata: Vec<(&str, &gguf_file::Value)> = metadata
            .iter()
            .map(|(key, value)| (key.as_str(), value))
            .chain(extra.iter().map(|(key, value)| (*key, value)))
            .collect();
        let tensors: Vec<(&str, &QTensor)> =
            tensors.iter().map(|(name, tensor)| (name.as_str(), tensor)).collect();
        gguf_file::write(&mut BufWriter::new(File::create(path)?), &metadata, &tensors)
    }

    fn metadata(&self) -> Vec<(String, gguf_file::Value)> {
        use gguf_file::Value::{F32, String, U32};
        let mut all = vec![("general.architecture".to_owned(), String(self.architecture.to_owned()))];
        let mut add = |name: &str, value| all.push((format!("{}.{name}", self.architecture), value));
        let count = |value: usize| U32(value as u32);
        add("context_length", count(self.context_tokens));
        add("embedding_length", count(self.width));
        add("block_count", count(self.layers));
        add("feed_forward_length", count(self.feed_forward));
        add("attention.head_count", count(self.query_heads));
        add("attention.head_count_kv", count(self.key_heads));
        add("attention.key_length", count(self.head_width));
        add("attention.value_length", count(self.head_width));
        add("attention.layer_norm_rms_epsilon", F32(1e-5));
        add("rope.dimension_count", count(self.head_width));
        add("rope.freq_base", F32(10_000.0));
        if self.architecture == "gemma3" {
            add("attention.sliding_window", count(self.window));
            add("rope.local_freq_base", F32(5_000.0));
            add("attention.sliding_window_type", count(2));
        }
        all
    }

    fn tensors(&self) -> Result<Vec<(String, QTensor)>> {
        let mut random = Random(self.seed);
        let (queries, keys) = (self.query_heads * self.head_width, self.key_heads * self.head_width);
        let mut all = Vec::new();
        let mut matrix = |name: String, columns: usize, width: usize| -> Result<()> {
            let scale = 1.5 / (width as f32).sqrt();
            let values = (0..columns * width).map(|_| random.next() * scale).collect::<Vec<_>>();
            let tensor = Tensor::from_vec(values, (columns, width), &Device::Cpu)?;
            all.push((name, QTensor::quantize(&tensor, self.format)?));
            Ok(())
        };
        matrix("token_embd.weight".to_owned(), self.vocabulary, self.width)?;
        if !self.tied {
            matrix("output.weight".to_owned(), self.vocabulary, self.width)?;
        }
        for layer in 0..self.layers {
            let name = |part: &str| format!("blk.{layer}.{part}.weight");
            if self.architecture == "phi3" {
                matrix(name("attn_qkv"), queries + 2 * keys, self.width)?;
                matrix(name("ffn_up"), 2 * self.feed_forward, self.width)?;
            } else {
                matrix(name("attn_q"), queries, self.width)?;
                matrix(name("attn_k"), keys, self.width)?;
                matrix(name("attn_v"), keys, self.width)?;
                matrix(name("ffn_gate"), self.feed_forward, self.width)?;
                matrix(name("ffn_up"), self.feed_forward, self.width)?;
            }
            matrix(name("attn_output"), self.width, queries)?;
            matrix(name("ffn_down"), self.width, self.feed_forward)?;
        }
        let mut vector = |name: String, len: usize, middle: f32| -> Result<()> {
            let values = (0..len).map(|_| middle + 0.3 * random.next()).collect::<Vec<_>>();
            all.push((
                name,
                QTensor::quantize(&Tensor::from_vec(values, len, &Device::Cpu)?, GgmlDType::F32)?,
            ));
            Ok(())
        };
        vector("output_norm.weight".to_owned(), self.width, 1.0)?;
        for layer in 0..self.layers {
            let name = |part: &str| format!("blk.{layer}.{part}");
            vector(name("attn_norm.weight"), self.width, 1.0)?;
            vector(name("ffn_norm.weight"), self.width, 1.0)?;
            if self.architecture == "qwen2" {
                vector(name("attn_q.bias"), queries, 0.0)?;
                vector(name("attn_k.bias"), keys, 0.0)?;
                vector(name("attn_v.bias"), keys, 0.0)?;
            }
            if matches!(self.architecture, "qwen3" | "gemma3") {
                vector(name("attn_q_norm.weight"), self.head_width, 1.0)?;
                vector(name("attn_k_norm.weight"), self.head_width, 1.0)?;
            }
            if self.architecture == "gemma3" {
                vector(name("post_attention_norm.weight"), self.width, 1.0)?;
                vector(name("post_ffw_norm.weight"), self.width, 1.0)?;
            }
        }
        Ok(all)
    }
}

/// Repeatable numbers in -1..1.
struct Random(u32);

impl Random {
    fn next(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) as f32 / (1 << 23) as f32 - 1.0
    }
}
