//! What time does to tickets, in the store.

use super::store::StoreError;
use crate::domain::{
    customer::Plan,
    escalation::{EscalationCategory, Route},
    ids::TicketId,
    lifecycle::{Rules, Timer},
    ticket::TicketStatus,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// A ticket whose time has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTicket {
    pub ticket: TicketId,
    pub reference: String,
    pub timer: Timer,
    pub plan: Plan,
    /// Of its open hand-over.
    pub category: Option<EscalationCategory>,
}

/// What is due, and when something else will be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DueTickets {
    /// Longest due first.
    pub due: Vec<DueTicket>,
    pub next_at: Option<Timestamp>,
}

/// What a step takes besides the ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Measures {
    /// Who gets a ticket that nobody has.
    pub route: Option<Route>,
    /// Who is told of a missed promise.
    pub told: Option<String>,
}

/// Tickets moved along by time alone.
#[async_trait]
pub trait LifecycleStore: Send + Sync {
    async fn due_tickets(&self, rules: &Rules, now: Timestamp) -> Result<DueTickets, StoreError>;
    /// Takes the step and notes it in the audit log, in one transaction that looks again: what changed meanwhile wins, and the answer is
    /// `None`. Else where the ticket now stands.
    async fn advance(
        &self,
        due: &DueTicket,
        rules: &Rules,
        measures: Measures,
        now: Timestamp,
    ) -> Result<Option<TicketStatus>, StoreError>;
}
