//! What the assistant's tools need of the outside: effects that happen once, histories, and how the desk presents itself.

use super::store::{NewReply, StoreError};
use crate::domain::{
    channel::Channel,
    customer::{IdentifierKind, Plan},
    escalation::{EscalationCategory, HandOver, Route, Urgency},
    ids::{CustomerId, EscalationId, MessageId, TicketId},
    inbound::Inbound,
    message::Role,
    ticket::{TicketReference, TicketStatus},
    voice::Voice,
};
use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What makes two calls the same call. The same key with other arguments is refused (`key_reused`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Who calls: keys of different callers never meet.
    pub caller: String,
    pub key: String,
    pub tool: &'static str,
    pub arguments_sha256: [u8; 32],
}

/// What an acting tool does, in one transaction with its record.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Opens a ticket with its first message.
    Open(Box<Inbound>),
    /// Hands a ticket to a person. Refused with `escalated_already` while a hand-over is open.
    Escalate {
        ticket: TicketReference,
        hand_over: Box<(EscalationId, HandOver, Route)>,
        /// The assistant's own doing in its turn; else a program's on behalf of the company.
        by_assistant: bool,
    },
    /// Queues a formatted reply. Refused with `taken_over`, `draft_void`, `with_a_person` or `too_many`.
    Reply {
        ticket: TicketReference,
        reply: Box<NewReply>,
        /// The newest customer message that was seen.
        seen: Option<MessageId>,
        by_assistant: bool,
    },
}

/// A hand-over that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HandedOver {
    pub reference: String,
    pub team: String,
    pub promise: String,
    pub due_at: Timestamp,
}

/// What an effect led to, kept so that a repeat gets the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effected {
    pub ticket_id: TicketId,
    pub ticket: String,
    pub status: TicketStatus,
    pub message_id: Option<MessageId>,
    pub escalation: Option<HandedOver>,
}

/// Whose history is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    Customer(CustomerId),
    /// An address in normal form, of any of these kinds.
    Address(Vec<IdentifierKind>, String),
    /// Of a ticket's customer when the sender proved the address; else of that ticket alone.
    Ticket(TicketReference),
}

/// One conversation of a history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastConversation {
    pub status: String,
    pub channel: Channel,
    pub topics: Vec<String>,
    pub sentiment_trend: String,
    /// Of its newest hand-over, at most 200 characters.
    pub escalation_reason: Option<String>,
    pub last_message_at: Timestamp,
}

/// One message of a history.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PastMessage {
    pub ticket: String,
    pub role: Role,
    pub channel: Channel,
    pub at: Timestamp,
    /// At most 300 characters.
    pub text: String,
}

/// What is known of a customer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct History {
    /// False: nobody proved the address, and this is the one ticket alone.
    pub whole: bool,
    pub name: Option<String>,
    pub plan: Option<Plan>,
    pub addresses: Vec<String>,
    pub conversations_total: u64,
    pub channels: Vec<Channel>,
    pub topics: Vec<String>,
    /// -1..1 over the customer's messages; absent when none was read.
    pub average_sentiment: Option<f64>,
    pub last_contact_at: Option<Timestamp>,
    /// The newest five, newest first.
    pub conversations: Vec<PastConversation>,
    /// The newest five, newest first.
    pub messages: Vec<PastMessage>,
}

/// The tools' share of the store.
#[async_trait]
pub trait ToolStore: Send + Sync {
    /// Does it, notes it in the audit log and keeps what it led to under the key, all or nothing. True: it was done before, and
    /// nothing was done now.
    async fn effect_once(
        &self,
        once: Once,
        effect: Effect,
        actor: &str,
        now: Timestamp,
    ) -> Result<(Effected, bool), StoreError>;
    /// `None` when there is no such customer or ticket.
    async fn history(&self, whose: Whose) -> Result<Option<History>, StoreError>;
}

/// How replies are signed and worded.
#[derive(Debug, Clone)]
pub struct Presentation {
    pub company: String,
    pub support_email: String,
    pub voice: Voice,
}

/// The desk around the tools.
pub trait ToolDesk: Send + Sync {
    fn route(&self, category: EscalationCategory, urgency: Urgency, now: Timestamp) -> Route;
    fn presentation(&self) -> Presentation;
    /// Where the customer sees a ticket.
    fn status_link(&self, reference: &str, ticket: TicketId) -> String;
    /// Told after every effect; `message`: somebody wrote.
    fn changed(&self, ticket: TicketId, message: bool);
}
