//! The loaded network as generation sees it: joins the transformer's passes, its sequences' caches and its guesses.

use super::{
    decoder::{Decoder, DecoderFacts, Pass},
    error::EngineError,
    kv_cache::Sequence,
    transformer::{BatchItem, LoadOptions, Model, Workspace},
};
use std::path::Path;

/// A model with the memory of its passes.
pub struct ModelDecoder {
    model: Model,
    workspace: Workspace,
}

impl ModelDecoder {
    /// Loads a GGUF file.
    pub fn load(path: &Path, options: &LoadOptions) -> Result<Self, EngineError> {
        let model = Model::load(path, options).map_err(|error| EngineError::Network(error.to_string()))?;
        Ok(Self { model, workspace: Workspace::new() })
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

    fn begin(&mut self, _prompt: &[u32], capacity: usize) -> Result<Sequence, EngineError> {
        Ok(self.model.new_sequence(capacity))
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
}
