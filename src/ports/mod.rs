//! The traits the core needs from the outside world. They name domain types only; no I/O crate appears here.

pub mod clock;
pub mod conflicts;
pub mod console;
pub mod delivery;
pub mod events;
pub mod exemplars;
pub mod knowledge;
pub mod model;
pub mod operators;
pub mod retrieval;
pub mod store;
pub mod triage;
