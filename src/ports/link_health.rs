//! How connections to the owner's other systems stand: noted by whoever holds one, read by `/health/ready`.

use crate::domain::{channel_health::HealthState, link_health::LinkHealth};

/// Where notes are made and read.
pub trait LinksHealth: Send + Sync {
    /// Notes how a connection stands; the time it stands so is kept while nothing changes.
    fn note(&self, name: &'static str, state: HealthState, reason: Option<&str>);
    /// Every connection noted, in a steady order.
    fn report(&self) -> Vec<LinkHealth>;
}
