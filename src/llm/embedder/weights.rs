//! Named tensors of a safetensors file, as 32-bit floats.

use crate::llm::error::EngineError;
use candle_core::{DType, Device, Tensor, safetensors::BufferedSafetensors};
use std::{collections::HashSet, path::Path};

/// An open file. Names may carry a `bert.` in front.
pub(super) struct Weights {
    file: BufferedSafetensors,
    names: HashSet<String>,
    bytes: u64,
}

impl Weights {
    pub fn open(path: &Path) -> Result<Self, EngineError> {
        let buffer = std::fs::read(path)
            .map_err(|error| EngineError::File { path: path.to_owned(), reason: error.to_string() })?;
        let bytes = buffer.len() as u64;
        let file = BufferedSafetensors::new(buffer)
            .map_err(|error| EngineError::Format { path: path.to_owned(), reason: error.to_string() })?;
        let names = file.tensors().into_iter().map(|(name, _)| name).collect();
        Ok(Self { file, names, bytes })
    }

    /// Size of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn has(&self, name: &str) -> bool {
        self.full_name(name).is_some()
    }

    /// A two-dimensional tensor's values, row after row, and the length of a row; whatever its precision in the file.
    pub fn rows(&self, name: &str) -> Result<(Vec<f32>, usize), EngineError> {
        let tensor = self.get(name)?;
        let (_, width) = tensor.dims2()?;
        Ok((tensor.flatten_all()?.to_vec1()?, width))
    }

    /// A one-dimensional tensor's values.
    pub fn values(&self, name: &str) -> Result<Vec<f32>, EngineError> {
        Ok(self.get(name)?.to_vec1()?)
    }

    fn get(&self, name: &str) -> Result<Tensor, EngineError> {
        let full = self.full_name(name).ok_or_else(|| {
            EngineError::Network(format!("the file has no tensor `{name}`; is it a BERT model?"))
        })?;
        Ok(self.file.load(&full, &Device::Cpu)?.to_dtype(DType::F32)?)
    }

    fn full_name(&self, name: &str) -> Option<String> {
        [name.to_owned(), format!("bert.{name}")].into_iter().find(|name| self.names.contains(name))
    }
}
