//! How far a message of several parts got, so that no attempt sends a part twice.

use super::store::StoreError;
use crate::domain::{channel::Channel, ids::OutboxId};
use async_trait::async_trait;
use jiff::Timestamp;

/// One part that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentPart {
    pub number: u32,
    /// `None` while nobody knows whether the provider has it.
    pub provider_message_id: Option<String>,
    pub attempted_at: Timestamp,
}

/// The record of parts, written before each is sent.
#[async_trait]
pub trait SentParts: Send + Sync {
    async fn sent_parts(&self, outbox: OutboxId) -> Result<Vec<SentPart>, StoreError>;
    /// A part is about to be sent.
    async fn part_attempted(&self, outbox: OutboxId, number: u32, now: Timestamp) -> Result<(), StoreError>;
    /// The provider has it under this id; from now on its status updates are known.
    async fn part_sent(
        &self,
        channel: Channel,
        outbox: OutboxId,
        number: u32,
        provider_message_id: &str,
    ) -> Result<(), StoreError>;
    /// The provider certainly does not have it.
    async fn part_refused(&self, outbox: OutboxId, number: u32) -> Result<(), StoreError>;
}
