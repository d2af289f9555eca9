//! The loaded network as generation sees it: joins the transformer's passes, its sequences' caches, the remembered
//! beginnings of prompts and the guesses.

use super::{
    decoder::{Decoder, DecoderFacts, Pass},
    error::EngineError,
    kv_cache::Sequence,
    prefix_cache::{DiskStore, PrefixCache},
    speculation::propose_from_lookup,
    transformer::{BatchItem, LoadOptions, Model, Workspace},
};
use std::path::Path;

/// How the network runs.
#[derive(Debug, Clone)]
pub struct NetworkOptions {
    pub load: LoadOptions,
    /// Memory for remembered beginnings of prompts; 0 remembers none.
    pub prefix_cache_bytes: usize,
    /// Where beginnings are kept across restarts; `None` keeps none.
    pub kept: Option<DiskStore>,
    /// What identifies the weights, such as the file's sha256: states of other weights are of no use.
    pub weights_id: String,
    /// Guess tokens from the text so far. Changes the speed of an answer, never its text.
    pub lookup: bool,
}

impl Default for NetworkOptions {
    fn default() -> Self {
        Self {
            load: LoadOptions::default(),
            prefix_cache_bytes: 128 << 20,
            kept: None,
            weights_id: String::new(),
            lookup: true,
        }
    }
}

impl From<LoadOptions> for NetworkOptions {
    fn from(load: LoadOptions) -> Self {
        Self { load, ..Self::default() }
    }
}

/// A model with the memory of its passes.
pub struct ModelDecoder {
    model: Model,
    workspace: Workspace,
    beginnings: PrefixCache,
    lookup: bool,
}

impl ModelDecoder {
    /// Loads a GGUF file.
    pub fn load(path: &Path, options: &NetworkOptions) -> Result<Self, EngineError> {
        let model =
            Model::load(path, &options.load).map_err(|error| EngineError::Network(error.to_string()))?;
        let (memory, disk) = (options.prefix_cache_bytes, options.kept.clone());
        let beginnings = PrefixCache::new(&options.weights_id, model.cache_shape(), memory, disk);
        Ok(Self { model, workspace: Workspace::new(), beginnings, lookup: options.lookup })
    }
}

impl Decoder for ModelDecoder {
    type Sequence = Sequence;

    fn facts(&self) -> DecoderFacts {
        let config = self.model.config();
        DecoderFacts {
            architecture: config.architecture.clone(),
            context_tokens: config.context_tokens,
            vocabulary: config.vocabulary,
            file_bytes: self.model.file_bytes(),
        }
    }

    fn begin(&mut self, prompt: &[u32], capacity: usize) -> Result<Sequence, EngineError> {
        Ok(self.beginnings.start(prompt, capacity))
    }

    fn length(&self, sequence: &Sequence) -> usize {
        sequence.len()
    }

    fn truncate(&mut self, sequence: &mut Sequence, length: usize) {
        sequence.truncate(length);
    }

    fn run(&mut self, passes: &mut [Pass<'_, Sequence>]) -> Result<&[f32], EngineError> {
        let mut items: Vec<BatchItem<'_>> = passes
            .iter_mut()
            .map(|pass| BatchItem { sequence: pass.sequence, tokens: pass.tokens, wanted: pass.wanted })
            .collect();
        Ok(self.model.forward_batch(&mut self.workspace, &mut items))
    }

    fn propose(&self, context: &[u32], most: usize) -> Vec<u32> {
        if self.lookup { propose_from_lookup(context, most) } else { Vec::new() }
    }

    fn remember(&mut self, prompt: &[u32], sequence: &Sequence, keep: bool) {
        self.beginnings.insert(prompt, sequence, keep);
    }

    fn keeps(&mut self, prompt: &[u32]) -> bool {
        self.beginnings.keeps(prompt)
    }

    fn keep_only(&mut self, prompts: &[Vec<u32>]) {
        self.beginnings.keep_only(prompts);
    }
}
