//! The traits the core needs from the outside world. They name domain types only; no I/O crate appears here.

pub mod model;
