//! Getting committed replies out: leases rows of the outbox, hands them to their channel, records what the provider said.

use super::fault;
use crate::{
    domain::{
        channel::Channel,
        progress::{Stage, TicketEvent},
    },
    ports::{
        clock::Clock,
        delivery::{DeliveryError, OutboundChannel},
        events::TicketEvents,
        store::{LeasedDelivery, StoreError, WorkQueue},
    },
};
use jiff::SignedDuration;
use std::{collections::HashMap, sync::Arc};

/// The outgoing side of the desk.
pub struct Courier {
    pub queue: Arc<dyn WorkQueue>,
    pub channels: HashMap<Channel, Arc<dyn OutboundChannel>>,
    pub events: Arc<dyn TicketEvents>,
    pub clock: Arc<dyn Clock>,
}

impl Courier {
    /// Tries one leased message once and records the result.
    ///
    /// # Errors
    /// When the result cannot be recorded; the lease then runs out and the message is tried again with the same key.
    pub async fn deliver(&self, delivery: &LeasedDelivery) -> Result<(), StoreError> {
        fault::point("delivery.leased").await;
        let result = match self.channels.get(&delivery.channel) {
            Some(channel) => channel.deliver(&delivery.message).await,
            None => Err(DeliveryError::Permanent {
                reason: format!("the channel {} is not set up", delivery.channel),
            }),
        };
        fault::point("delivery.sent").await;
        let now = self.clock.now();
        match result {
            Ok(receipt) => {
                self.queue
                    .delivery_succeeded(delivery, receipt.status, &receipt.provider_message_ids, now)
                    .await?;
                fault::point("delivery.recorded").await;
                tracing::info!(outbox = %delivery.id, channel = %delivery.channel, attempt = delivery.attempt, "delivered");
                self.events
                    .publish(delivery.ticket_id, TicketEvent::Reply { message_id: delivery.message_id });
            }
            Err(error) => {
                let retry_after = match &error {
                    DeliveryError::Retryable { retry_after_ms: Some(wait), .. } => {
                        Some(SignedDuration::from_millis(i64::try_from(*wait).unwrap_or(i64::MAX)))
                    }
                    _ => None,
                };
                // Unknown is not sent again blindly: a person looks.
                let permanent = !matches!(error, DeliveryError::Retryable { .. });
                tracing::warn!(outbox = %delivery.id, channel = %delivery.channel, attempt = delivery.attempt, %error, "not delivered");
                self.queue.delivery_failed(delivery, &error.to_string(), permanent, retry_after, now).await?;
                if permanent {
                    self.events
                        .publish(delivery.ticket_id, TicketEvent::Progress { stage: Stage::Failed, at: now });
                }
            }
        }
        Ok(())
    }
}
