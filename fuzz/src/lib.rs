//! The program's readers of what comes from outside, and what they stand on: nothing that opens a connection or a file.
#![allow(dead_code, unused_imports, unreachable_pub, missing_docs)]

#[path = "../../src/domain/mod.rs"]
pub mod domain;
pub mod email;
#[cfg(feature = "gguf")]
pub mod llm;
#[path = "../../src/ports/mod.rs"]
pub mod ports;
pub mod triage;
pub mod whatsapp;
