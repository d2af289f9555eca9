//! Events on their way to the broker: written by the store with the change they tell of, read in order, kept until they were taken.

use super::store::StoreError;
use crate::domain::{
    channel::Channel,
    event::{Announcements, Event, EventKind},
    ids::{EventId, TicketId},
};
use async_trait::async_trait;
use jiff::Timestamp;

/// An event that the broker has not confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingEvent {
    /// Order of commit.
    pub sequence: i64,
    pub id: EventId,
    pub kind: EventKind,
    pub channel: Option<Channel>,
    pub ticket: Option<TicketId>,
    /// The JSON that travels.
    pub payload: String,
}

/// Figures of the desk, for sensors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DeskFigures {
    pub open_tickets: u64,
    /// Tickets with a message that nobody answered.
    pub waiting: u64,
    pub escalations: u64,
    pub dead_letters: u64,
    pub unpublished_events: u64,
}

/// The events' table.
#[async_trait]
pub trait EventOutbox: Send + Sync {
    /// Says what is to be told from now on, in every process that writes to this store.
    async fn announce(&self, announcements: Announcements, now: Timestamp) -> Result<(), StoreError>;
    /// What was not confirmed, oldest first.
    async fn pending_events(&self, limit: usize) -> Result<Vec<PendingEvent>, StoreError>;
    /// The broker has these.
    async fn events_published(&self, sequences: Vec<i64>, now: Timestamp) -> Result<(), StoreError>;
    /// Writes an event that no other change tells of; nothing while events are off.
    async fn record_event(&self, event: Event) -> Result<(), StoreError>;
    /// Removes what was published before a time, and what nobody took before another; returns how many rows went.
    async fn forget_events(
        &self,
        published_before: Timestamp,
        written_before: Timestamp,
    ) -> Result<usize, StoreError>;
    async fn desk_figures(&self) -> Result<DeskFigures, StoreError>;
}
