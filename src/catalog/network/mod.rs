//! Reaching the outside world for model files: settings, one HTTP client, the hub and the package registries.

pub(super) mod address;
pub(super) mod client;
mod departures;
pub(super) mod hub;
pub(super) mod registry;
mod settings;
mod trust;

pub use departures::{Departures, NothingLeaves};
pub use settings::{ChosenSources, NetworkSettings};
