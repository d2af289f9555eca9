//! The local engine: reads GGUF and safetensors files, turns text into tokens and back, and runs the chat model and
//! the embedder each on a thread of its own. It knows the model ports and nothing of messages, tickets or passages.

/// The model's own prompt layout, rendered from its Jinja template.
pub mod chat_template;
/// Sentence vectors.
pub mod embedder;
/// What can go wrong while a model is loaded.
pub mod error;
/// Facts a GGUF file states about itself.
pub mod gguf_metadata;
/// A bounded queue that forgets callers who left.
mod queue;
/// From logits to the next token.
pub mod sampler;
/// Finds stop strings that are spread over pieces.
mod stop_scanner;
/// Where tests find real model files.
#[cfg(test)]
pub(crate) mod testing;
/// Text to token ids and back.
pub mod tokenizer;
