//! One file a resource. Wire types live here and are converted to the domain's by hand.

pub mod console;
pub mod conversations;
pub mod decisions;
pub mod events;
pub mod metrics;
pub mod public_config;
pub mod submissions;
pub mod tickets;
pub mod webhooks;
