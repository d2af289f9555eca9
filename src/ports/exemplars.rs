//! Local exemplars: what operators have marked as decided wrongly, kept durably.

use super::store::StoreError;
use crate::domain::{
    customer::Plan,
    escalation::EscalationCategory,
    exemplar::{LocalExemplar, RightDecision},
    ids::{ExemplarId, MessageId, TicketId},
    ticket::TicketReference,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// A message with what was decided on it.
#[derive(Debug, Clone, PartialEq)]
pub struct DecidedMessage {
    pub ticket_id: TicketId,
    pub message_id: MessageId,
    pub subject: String,
    pub content: String,
    pub plan: Plan,
    pub language: Option<String>,
    /// `sent`, `flagged`, `held`, `escalated`, `acknowledged` or `ignored`.
    pub decision: String,
    /// Why, in the record's words.
    pub reason: String,
    /// What triage took it for.
    pub category: EscalationCategory,
}

/// An exemplar about to be kept.
#[derive(Debug, Clone, PartialEq)]
pub struct NewExemplar {
    pub text: String,
    pub should: RightDecision,
    pub category: EscalationCategory,
    pub language: Option<String>,
    /// `None` when it is imported.
    pub origin: Option<(TicketId, MessageId)>,
    pub note: Option<String>,
    pub marked_by: String,
    pub marked_at: Timestamp,
}

/// What an import did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    pub added: usize,
    /// The same text with the same decision was in force already.
    pub known: usize,
}

/// Keeps exemplars. Every change leaves a row in the audit log, without the message's text.
#[async_trait]
pub trait ExemplarStore: Send + Sync {
    /// The decision of a ticket that an operator would mean: that on the given message, else the newest that answered or handed
    /// over, else the newest of all. [`StoreError::NotFound`] names what is missing.
    async fn decided_message(
        &self,
        ticket: &TicketReference,
        message: Option<MessageId>,
    ) -> Result<DecidedMessage, StoreError>;
    /// Keeps an exemplar; one of the same message that was in force is undone in the same transaction.
    async fn mark(&self, exemplar: NewExemplar) -> Result<LocalExemplar, StoreError>;
    /// Takes one back. One that was taken back before stays as it was.
    async fn undo_exemplar(
        &self,
        id: ExemplarId,
        operator: &str,
        now: Timestamp,
    ) -> Result<LocalExemplar, StoreError>;
    /// Oldest first, so that of two that are equally like a message the later one counts.
    async fn exemplars(&self, with_undone: bool) -> Result<Vec<LocalExemplar>, StoreError>;
    /// All of them or none.
    async fn import_exemplars(
        &self,
        exemplars: Vec<NewExemplar>,
        operator: &str,
        now: Timestamp,
    ) -> Result<Imported, StoreError>;
    /// Another number after every change, whichever process made it. Costs one small read.
    async fn exemplars_version(&self) -> Result<i64, StoreError>;
}
