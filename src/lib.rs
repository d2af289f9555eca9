//! Frontdesk, an AI support employee in one binary. The map, one sentence a module.

/// The model catalog: which models there are, where their files come from, and putting them on this box.
pub mod catalog;
/// The command line, one file a subcommand.
pub mod cli;
/// Settings: file, environment and flags, validated before anything starts.
pub mod config;
/// Pure types and decisions: no I/O, no async, no clock.
pub mod domain;
/// The local engine: model files, tokenizer, chat template, generation and embeddings.
pub mod llm;
/// The traits the core needs from the outside world.
pub mod ports;
