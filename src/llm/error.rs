//! What can go wrong while a model is loaded or a prompt is prepared. The texts are for the operator and say what to do.

use std::path::PathBuf;

/// Why a model file cannot be used, or a prompt cannot be built for it.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error(
        "cannot read {path}: {reason}. Check that the file is there and readable, or pull the model again"
    )]
    File { path: PathBuf, reason: String },
    #[error("{path} is not a usable model file: {reason}. Pull the model again")]
    Format { path: PathBuf, reason: String },
    #[error("the model file lacks `{key}`, which is needed to {purpose}")]
    MissingMetadata { key: &'static str, purpose: &'static str },
    #[error("the model's {what} `{name}` is not supported; supported are: {supported}")]
    Unsupported { what: &'static str, name: String, supported: &'static str },
    #[error("the tokenizer cannot be built: {0}")]
    Tokenizer(String),
    #[error("the chat template cannot be used: {0}")]
    Template(String),
    #[error("the answer's grammar cannot be kept: {0}")]
    Grammar(String),
    #[error("the network failed: {0}")]
    Network(String),
}

impl From<candle_core::Error> for EngineError {
    fn from(error: candle_core::Error) -> Self {
        Self::Network(error.to_string())
    }
}
