//! Getting a finished message to the customer.

use crate::domain::{
    channel::Channel,
    ids::{MessageId, OutboxId, TicketId},
    message::DeliveryStatus,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// A message on its way out, formatted, its limits enforced.
#[derive(Debug, Clone, PartialEq)]
pub struct OutboundMessage {
    pub outbox_id: OutboxId,
    pub message_id: MessageId,
    pub ticket_id: TicketId,
    /// The account the customer last wrote to on this channel, as named in the settings.
    pub account: String,
    /// The same for every attempt at this message; providers that know such keys get it.
    pub idempotency_key: String,
    pub recipient: Option<String>,
    pub subject: Option<String>,
    /// One to three parts, in order.
    pub parts: Vec<String>,
    /// Written by the assistant and approved by nobody.
    pub automatic: bool,
    /// When the customer last wrote on this channel in this ticket: WhatsApp takes free text for 24 hours after it.
    pub last_inbound_at: Option<Timestamp>,
    /// Mail only: ids of the thread without angle brackets, oldest first; the last one is answered.
    pub references: Vec<String>,
}

/// What the provider said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryReceipt {
    pub status: DeliveryStatus,
    /// The provider's ids of the parts, for status updates.
    pub provider_message_ids: Vec<String>,
}

/// Why a message did not get out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// Worth another try, not before the given number of milliseconds if the provider named one.
    #[error("not delivered yet: {reason}")]
    Retryable { reason: String, retry_after_ms: Option<u64> },
    /// Will never work: a person must look.
    #[error("cannot be delivered: {reason}")]
    Permanent { reason: String },
    /// The provider may or may not have it: not to be sent again blindly.
    #[error("unknown whether it was delivered: {reason}")]
    Unknown { reason: String },
}

/// One channel's way out.
#[async_trait]
pub trait OutboundChannel: Send + Sync {
    fn channel(&self) -> Channel;
    async fn deliver(&self, message: &OutboundMessage) -> Result<DeliveryReceipt, DeliveryError>;
}
