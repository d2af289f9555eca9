//! Frontdesk, an AI support employee in one binary. The map, one sentence a module.

/// The composition root: builds everything in order, serves, and stops it in reverse.
pub mod app;
/// The model catalog: what can be had, from where, and how a file is known to be the right one.
pub mod catalog;
/// The ways customers reach us and we reach them, one folder a channel.
pub mod channels;
/// One file a subcommand: the only place that prints.
pub mod cli;
/// Settings: file, environment and flags, validated before anything starts.
pub mod config;
/// Pure types and decisions: no I/O, no async, no clock.
pub mod domain;
/// The one way out of the box: HTTP and connections, each recorded in the ledger first.
pub mod egress;
/// Measuring decisions and answers on labelled sets.
pub mod evaluation;
/// The hosted model for hard cases: redacted, within a budget, off unless the owner turns it on.
pub mod hosted;
/// Routes, errors, limits, live events and the embedded front end.
pub mod http;
/// The company's documents: reading, cutting, indexing and finding.
pub mod knowledge;
/// The local engine: model files, tokenizer, chat template, generation and embeddings.
pub mod llm;
/// The tools and the company's texts for other assistants, over the Model Context Protocol.
pub mod mcp;
/// Counters, alerts and the daily report.
pub mod monitoring;
/// The message broker: events out, devices' tickets in, drafting for helper boxes.
pub mod mqtt;
/// What happens to a message, step by step, from triage to delivery.
pub mod pipeline;
/// The traits the core needs from the outside world.
pub mod ports;
/// Taking out of a text what must not leave the box, and putting it back.
pub mod redaction;
/// Everything durable, in one SQLite file.
pub mod store;
/// Logs: structured, without bodies, addresses or secrets.
pub mod telemetry;
/// The assistant's six tools: typed once, authorised by who calls, done once.
pub mod tools;
/// What a message is before anything is answered: language, mood, intent, signs that a person is needed.
pub mod triage;
