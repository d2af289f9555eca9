//! The local engine.

/// The engine's arithmetic; the only place with `unsafe`.
pub mod kernels;
/// A sequence's cached keys and values.
pub mod kv_cache;
/// Remembered beginnings of prompts.
pub mod prefix_cache;
/// Guessing of the next tokens.
pub mod speculation;
/// Tiny random models for tests.
#[cfg(test)]
pub mod tiny_models;
/// Decoder models and the pass over their layers.
pub mod transformer;
/// Reading of model files.
pub mod weights;
