//! How the channels' connections stand, for health reports.

use crate::domain::channel_health::ChannelHealth;

/// Read by `/health/ready`.
pub trait ChannelsHealth: Send + Sync {
    /// Every connection that is set up, in a steady order.
    fn report(&self) -> Vec<ChannelHealth>;
}
