//! The local engine: reads GGUF and safetensors files, turns text into tokens and back, and runs the chat model and
//! the embedder each on a thread of its own. It knows the model ports and nothing of messages, tickets or passages.

/// The chat model behind its queue: one thread owns the weights.
pub mod chat_engine;
/// The model's own prompt layout, rendered from its Jinja template.
pub mod chat_template;
/// What generation needs from a network: logits for tokens.
pub mod decoder;
/// Sentence vectors.
pub mod embedder;
/// What can go wrong while a model is loaded.
pub mod error;
/// The step-by-step generation of several answers at once.
pub mod generate;
/// Facts a GGUF file states about itself.
pub mod gguf_metadata;
#[cfg(test)]
mod golden_tests;
/// Output that keeps a grammar.
mod grammar;
/// States of beginnings on disk.
mod kept_states;
/// The engine's arithmetic; the only place with `unsafe`.
pub mod kernels;
/// A sequence's cached keys and values.
pub mod kv_cache;
/// The loaded network as generation sees it.
pub mod model_decoder;
/// Remembered beginnings of prompts.
pub mod prefix_cache;
/// A bounded queue that forgets callers who left.
mod queue;
/// From logits to the next token.
pub mod sampler;
/// Guessing of the next tokens.
pub mod speculation;
/// How fast a model is on this box.
pub mod speed;
/// Finds stop strings that are spread over pieces.
mod stop_scanner;
/// What the tests of generation, tokenizer and embedder share.
#[cfg(test)]
pub(crate) mod testing;
/// Tiny random models for tests.
#[cfg(test)]
pub mod tiny_models;
/// Text to token ids and back.
pub mod tokenizer;
/// Decoder models and the pass over their layers.
pub mod transformer;
/// Reading of model files.
pub mod weights;
