//! Decoder models: what an architecture's file says (`config`), the weights of its layers (`model`), and the pass over
//! them (`forward`). It knows tokens as numbers only.

mod config;
mod forward;
mod model;

pub use config::{ARCHITECTURES, ModelConfig};
pub use forward::{BatchItem, Workspace};
pub use model::{LoadOptions, Model};

#[cfg(test)]
mod tests;
