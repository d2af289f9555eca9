//! Sending: part after part, in order, at the pace a number may have, and no part twice. Before each part a note is made that it is
//! tried; a note without an outcome means that somebody must look before it is sent again.

use super::window::{Way, as_variable, way};
use crate::{
    config::WhatsappConfig,
    domain::{
        channel::Channel,
        ids::{OutboxId, TicketId},
        message::DeliveryStatus,
    },
    ports::{
        clock::Clock,
        delivery::{DeliveryError, DeliveryReceipt, OutboundChannel, OutboundMessage},
        sent_parts::{SentPart, SentParts},
        store::StoreError,
    },
};
use async_trait::async_trait;
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use jiff::Timestamp;
use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// The number of the one message that a template is; free parts count from 0.
const TEMPLATE: u32 = 1_000;
/// How long a provider gets to show a message whose answer was lost.
const LOOK_AGAIN_MS: u64 = 20_000;

/// One text to send.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// A number in E.164, or a business-scoped user id.
    pub recipient: &'a str,
    pub text: &'a str,
    pub as_template: bool,
    /// Names this part for ever; providers that carry such a mark get it.
    pub mark: &'a str,
    pub ticket: TicketId,
}

/// What a look at the provider's records told.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// It has it, under this id.
    Sent(String),
    NotSent,
    /// The provider keeps no list: only its status updates can tell.
    CannotTell,
}

/// A provider's way out.
#[async_trait]
pub trait Provider: Send + Sync {
    /// The provider's id of the message.
    async fn send(&self, part: Part<'_>) -> Result<String, DeliveryError>;
    /// Looks for a message with this text sent at or after `since` under an id that is not yet known.
    async fn look_for(
        &self,
        part: Part<'_>,
        since: Timestamp,
        known: &[String],
    ) -> Result<Found, DeliveryError>;
}

/// The channel's way out.
pub struct Courier<P> {
    provider: P,
    sent_parts: Arc<dyn SentParts>,
    clock: Arc<dyn Clock>,
    has_template: bool,
    all: DefaultDirectRateLimiter,
    each: Option<DefaultKeyedRateLimiter<String>>,
    sends: AtomicU32,
}

impl<P: Provider> Courier<P> {
    pub fn new(
        config: &WhatsappConfig,
        provider: P,
        sent_parts: Arc<dyn SentParts>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let a_second = NonZeroU32::new(config.messages_per_second).unwrap_or(NonZeroU32::MIN);
        let pause = Quota::with_period(Duration::from_millis(config.pause_ms));
        Self {
            provider,
            sent_parts,
            clock,
            has_template: !config.template.is_empty(),
            all: RateLimiter::direct(Quota::per_second(a_second)),
            each: pause.map(RateLimiter::keyed),
            sends: AtomicU32::new(0),
        }
    }

    /// Waits until this number may have another message.
    async fn pace(&self, recipient: &str) {
        if let Some(each) = &self.each {
            each.until_key_ready(&recipient.to_owned()).await;
            if self.sends.fetch_add(1, Ordering::Relaxed) % 1024 == 1023 {
                each.retain_recent();
            }
        }
        self.all.until_ready().await;
    }

    /// Sends one part unless the provider has it already.
    async fn send_once(
        &self,
        outbox: OutboxId,
        number: u32,
        part: Part<'_>,
        known: &[SentPart],
    ) -> Result<(), DeliveryError> {
        if let Some(tried) = known.iter().find(|known| known.number == number) {
            let ids: Vec<String> = known.iter().filter_map(|part| part.provider_message_id.clone()).collect();
            match self.provider.look_for(part, tried.attempted_at, &ids).await? {
                Found::Sent(id) => return self.note(outbox, number, &id).await,
                Found::NotSent => {}
                Found::CannotTell => {
                    return Err(DeliveryError::Unknown {
                        reason: "the provider never said whether it has the message".to_owned(),
                    });
                }
            }
        }
        self.pace(part.recipient).await;
        self.sent_parts.part_attempted(outbox, number, self.clock.now()).await.map_err(not_noted)?;
        match self.provider.send(part).await {
            Ok(id) => self.note(outbox, number, &id).await,
            // The note stays without an outcome: the next attempt looks before it sends.
            Err(DeliveryError::Unknown { reason }) => {
                Err(DeliveryError::Retryable { reason, retry_after_ms: Some(LOOK_AGAIN_MS) })
            }
            Err(refused) => {
                self.sent_parts.part_refused(outbox, number).await.map_err(not_noted)?;
                Err(refused)
            }
        }
    }

    async fn note(&self, outbox: OutboxId, number: u32, id: &str) -> Result<(), DeliveryError> {
        self.sent_parts.part_sent(Channel::Whatsapp, outbox, number, id).await.map_err(not_noted)
    }
}

fn not_noted(error: StoreError) -> DeliveryError {
    DeliveryError::Retryable { reason: error.to_string(), retry_after_ms: None }
}

#[async_trait]
impl<P: Provider> OutboundChannel for Courier<P> {
    fn channel(&self) -> Channel {
        Channel::Whatsapp
    }

    async fn deliver(&self, message: &OutboundMessage) -> Result<DeliveryReceipt, DeliveryError> {
        let recipient = message.recipient.as_deref().ok_or_else(|| DeliveryError::Permanent {
            reason: "the customer's WhatsApp number is not known".to_owned(),
        })?;
        let known = self.sent_parts.sent_parts(message.outbox_id).await.map_err(not_noted)?;
        let is_sent =
            |number| known.iter().any(|part| part.number == number && part.provider_message_id.is_some());
        let numbered = (0u32..).zip(&message.parts);
        let left: Vec<(u32, String)> = numbered
            .filter(|(number, _)| !is_sent(*number))
            .map(|(number, text)| (number, text.clone()))
            .collect();
        // Once a template went out, everything went out with it.
        let left = if is_sent(TEMPLATE) { Vec::new() } else { left };
        let left = match way(message.last_inbound_at, self.clock.now(), self.has_template) {
            _ if left.is_empty() => left,
            Way::FreeText => left,
            Way::Template => {
                let texts: Vec<&str> = left.iter().map(|(_, text)| text.as_str()).collect();
                vec![(TEMPLATE, as_variable(&texts.join("\n")))]
            }
            Way::Closed => {
                return Err(DeliveryError::Permanent {
                    reason: "the customer's last WhatsApp message is more than 24 hours old, and no template is set \
                             (channels.whatsapp.template): reach them another way, or set one and send this again"
                        .to_owned(),
                });
            }
        };
        for (number, text) in left {
            let mark = format!("{}/{number}", message.outbox_id);
            let part = Part {
                recipient,
                text: &text,
                as_template: number == TEMPLATE,
                mark: &mark,
                ticket: message.ticket_id,
            };
            self.send_once(message.outbox_id, number, part, &known).await?;
        }
        let sent = self.sent_parts.sent_parts(message.outbox_id).await.map_err(not_noted)?;
        let provider_message_ids = sent.into_iter().filter_map(|part| part.provider_message_id).collect();
        Ok(DeliveryReceipt { status: DeliveryStatus::Sent, provider_message_ids })
    }
}
