//! The head of a model file.

#[path = "../../src/llm/error.rs"]
mod error;
#[path = "../../src/llm/gguf_metadata.rs"]
pub mod gguf_metadata;
