//! What operators do to a ticket. Each action is one transaction with its row in the audit log.

use super::{detail::PendingReply, inbox::Row};
use crate::domain::{
    escalation::{HandOver, Route},
    ids::{EscalationId, MessageId, OperatorId, OutboxId},
    ticket::TicketReference,
};
use crate::ports::store::{NewReply, StoreError};
use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

/// A formatted reply of a person, or approved by one.
#[derive(Debug, Clone, PartialEq)]
pub struct NewPersonalReply {
    pub reply: NewReply,
    /// When it goes out; until then it can be called back.
    pub due_at: Timestamp,
    /// The newest customer message that was seen; a newer one refuses it (`draft_void`).
    pub seen: Option<MessageId>,
    /// Take it from another operator who has the ticket.
    pub force: bool,
}

/// What is to be done. Refusals are [`StoreError::Refused`] with the codes `draft_void`, `draft_decided`, `taken_over` and `too_late`.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    Approve {
        draft: Uuid,
        reply: NewPersonalReply,
        edited: bool,
    },
    Discard {
        draft: Uuid,
        reason: String,
    },
    /// Takes the ticket over.
    Reply {
        reply: NewPersonalReply,
        close: bool,
    },
    TakeOver {
        force: bool,
    },
    HandBack,
    Escalate(Box<(EscalationId, HandOver, Route)>),
    Assign(Option<OperatorId>),
    Labels(Vec<String>),
    Snooze(Option<Timestamp>),
    Close {
        notes: Option<String>,
    },
    Reopen,
    Spam(bool),
    Note(String),
    Undo(OutboxId),
}

/// What came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Acted {
    pub ticket: crate::domain::ids::TicketId,
    pub row: Row,
    pub undo: Option<PendingReply>,
}

/// Doing things to tickets.
#[async_trait]
pub trait ConsoleActions: Send + Sync {
    /// `actor` is the name for the record, `operator` who is assigned by taking over (programs are nobody).
    async fn act(
        &self,
        reference: &TicketReference,
        action: Action,
        actor: &str,
        operator: Option<OperatorId>,
        now: Timestamp,
    ) -> Result<Acted, StoreError>;
}
