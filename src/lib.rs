//! Frontdesk, an AI support employee in one binary. The map, one sentence a module.

/// Settings: file, environment and flags, validated before anything starts.
pub mod config;
/// Pure types and decisions: no I/O, no async, no clock.
pub mod domain;
/// The company's documents: reading, cutting into passages, indexing and finding them.
pub mod knowledge;
/// The local engine: model files, tokenizer, chat template, generation and embeddings.
pub mod llm;
/// The traits the core needs from the outside world.
pub mod ports;
