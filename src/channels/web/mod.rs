//! The web form's way out: a reply is delivered when it stands in the store, where the status page reads it.

use crate::{
    domain::{channel::Channel, message::DeliveryStatus},
    ports::delivery::{DeliveryError, DeliveryReceipt, OutboundChannel, OutboundMessage},
};
use async_trait::async_trait;

/// Delivers to the status page.
#[derive(Debug, Clone, Copy, Default)]
pub struct StatusPage;

#[async_trait]
impl OutboundChannel for StatusPage {
    fn channel(&self) -> Channel {
        Channel::Web
    }

    async fn deliver(&self, _: &OutboundMessage) -> Result<DeliveryReceipt, DeliveryError> {
        Ok(DeliveryReceipt { status: DeliveryStatus::Delivered, provider_message_ids: Vec::new() })
    }
}
