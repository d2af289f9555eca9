//! What a channel remembers between two looks: cursors, renewed tokens, the end of a subscription.

use super::store::StoreError;
use crate::domain::channel::Channel;
use async_trait::async_trait;
use jiff::Timestamp;

/// Small values by channel, account (as named in the settings) and name. Survives restarts.
#[async_trait]
pub trait ChannelState: Send + Sync {
    async fn load(&self, channel: Channel, account: &str, name: &str) -> Result<Option<String>, StoreError>;
    async fn save(
        &self,
        channel: Channel,
        account: &str,
        name: &str,
        value: &str,
        now: Timestamp,
    ) -> Result<(), StoreError>;
}
