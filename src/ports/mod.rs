//! The traits the core needs from the outside world. They name domain types only; no I/O crate appears here.

pub mod attachments;
pub mod channel_health;
pub mod channel_state;
pub mod clock;
pub mod conflicts;
pub mod console;
pub mod delivery;
pub mod egress;
pub mod events;
pub mod exemplars;
pub mod hosted;
pub mod identity;
pub mod knowledge;
pub mod lifecycle;
pub mod mail;
pub mod model;
pub mod monitoring;
pub mod notify;
pub mod operators;
pub mod privacy;
pub mod relay;
pub mod retrieval;
pub mod sent_parts;
pub mod store;
pub mod triage;
pub mod webhook;
