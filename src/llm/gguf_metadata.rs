//! The facts a GGUF file states about itself: architecture, context length, vocabulary, special tokens, chat template.
//! Reads no tensor data.

use super::error::EngineError;
use candle_core::quantized::gguf_file::{Content, Value};
use std::{
    collections::HashMap,
    fs::File,
    io::{BufReader, Read, Seek},
    path::Path,
};

/// The metadata table of one GGUF file.
#[derive(Debug, Default)]
pub struct GgufMetadata {
    values: HashMap<String, Value>,
}

impl GgufMetadata {
    /// Reads the table at the head of the file.
    pub fn read(path: &Path) -> Result<Self, EngineError> {
        let file = File::open(path)
            .map_err(|error| EngineError::File { path: path.to_owned(), reason: error.to_string() })?;
        Self::read_from(&mut BufReader::with_capacity(1 << 20, file))
            .map_err(|error| EngineError::Format { path: path.to_owned(), reason: error.to_string() })
    }

    /// As [`GgufMetadata::read`], from anywhere.
    pub fn read_from(reader: &mut (impl Read + Seek)) -> candle_core::Result<Self> {
        Ok(Self { values: Content::read(reader)?.metadata })
    }

    /// A table from values already read; tests build small ones with it.
    pub fn from_values(values: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self { values: values.into_iter().collect() }
    }

    /// A string value.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.values.get(key)? {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// A non-negative integer of any width.
    pub fn count(&self, key: &str) -> Option<usize> {
        as_count(self.values.get(key)?)
    }

    /// A truth value.
    pub fn flag(&self, key: &str) -> Option<bool> {
        match self.values.get(key)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// An array of strings; `None` when absent or when an element is something else.
    pub fn texts(&self, key: &str) -> Option<Vec<&str>> {
        let Value::Array(values) = self.values.get(key)? else { return None };
        values
            .iter()
            .map(|value| if let Value::String(text) = value { Some(text.as_str()) } else { None })
            .collect()
    }

    /// An array of non-negative integers.
    pub fn counts(&self, key: &str) -> Option<Vec<usize>> {
        let Value::Array(values) = self.values.get(key)? else { return None };
        values.iter().map(as_count).collect()
    }

    /// An array of 32-bit floats.
    pub fn floats(&self, key: &str) -> Option<Vec<f32>> {
        let Value::Array(values) = self.values.get(key)? else { return None };
        values.iter().map(|value| if let Value::F32(number) = value { Some(*number) } else { None }).collect()
    }

    /// A token id, e.g. `tokenizer.ggml.eos_token_id`.
    pub fn token_id(&self, key: &str) -> Option<u32> {
        self.count(key).and_then(|id| u32::try_from(id).ok())
    }

    /// The architecture's name, e.g. `qwen2`; it also prefixes the network's own keys.
    pub fn architecture(&self) -> Option<&str> {
        self.text("general.architecture")
    }

    /// The longest context the model was made for, in tokens.
    pub fn context_tokens(&self) -> Option<usize> {
        self.count(&format!("{}.context_length", self.architecture()?))
    }

    /// The Jinja source of the chat template.
    pub fn chat_template(&self) -> Option<&str> {
        self.text("tokenizer.chat_template")
    }
}

fn as_count(value: &Value) -> Option<usize> {
    match *value {
        Value::U8(number) => Some(usize::from(number)),
        Value::U16(number) => Some(usize::from(number)),
        Value::U32(number) => usize::try_from(number).ok(),
        Value::U64(number) => usize::try_from(number).ok(),
        Value::I8(number) => usize::try_from(number).ok(),
        Value::I16(number) => usize::try_from(number).ok(),
        Value::I32(number) => usize::try_from(number).ok(),
        Value::I64(number) => usize::try_from(number).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_writer_wrote_and_ignores_values_of_another_type() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tiny.gguf");
        let values = [
            ("general.architecture", Value::String("qwen2".into())),
            ("qwen2.context_length", Value::U32(512)),
            ("tokenizer.ggml.add_bos_token", Value::Bool(false)),
            ("tokenizer.ggml.token_type", Value::Array(vec![Value::I32(1), Value::I32(3)])),
            ("tokenizer.ggml.scores", Value::Array(vec![Value::F32(-1.5)])),
            ("tokenizer.ggml.eos_token_id", Value::I32(-1)),
        ];
        let table: Vec<(&str, &Value)> = values.iter().map(|(key, value)| (*key, value)).collect();
        let mut file = File::create(&path).unwrap();
        candle_core::quantized::gguf_file::write(&mut file, &table, &[]).unwrap();

        let metadata = GgufMetadata::read(&path).unwrap();
        assert_eq!(metadata.architecture(), Some("qwen2"));
        assert_eq!(metadata.context_tokens(), Some(512));
        assert_eq!(metadata.flag("tokenizer.ggml.add_bos_token"), Some(false));
        assert_eq!(metadata.counts("tokenizer.ggml.token_type"), Some(vec![1, 3]));
        assert_eq!(metadata.floats("tokenizer.ggml.scores"), Some(vec![-1.5]));
        assert_eq!(metadata.token_id("tokenizer.ggml.eos_token_id"), None, "a negative id is no id");
        assert_eq!(metadata.text("qwen2.context_length"), None);
        assert_eq!(metadata.texts("tokenizer.ggml.token_type"), None);
    }

    #[test]
    fn a_file_that_is_no_gguf_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("broken.gguf");
        std::fs::write(&path, b"not a model").unwrap();
        let error = GgufMetadata::read(&path).unwrap_err().to_string();
        assert!(error.contains("broken.gguf") && error.contains("Pull the model again"), "{error}");
        let missing = GgufMetadata::read(&folder.path().join("none.gguf")).unwrap_err();
        assert!(matches!(missing, EngineError::File { .. }));
    }
}
