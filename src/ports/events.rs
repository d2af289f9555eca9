//! Telling those who watch a ticket what happens to it.

use crate::domain::{ids::TicketId, progress::TicketEvent};

/// Publishes ticket events. Best effort: the store has the truth, a watcher that missed an event reads it there.
pub trait TicketEvents: Send + Sync {
    fn publish(&self, ticket: TicketId, event: TicketEvent);
}
