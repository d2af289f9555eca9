//! One conversation with all that an operator needs beside it.

use super::inbox::Row;
use crate::domain::{
    channel::Channel,
    customer::{Identifier, Plan},
    draft::SentenceSupport,
    escalation::{EscalationCategory, Signal, Urgency},
    ids::{CustomerId, EscalationId, MessageId, OutboxId, TicketId},
    knowledge::Source,
    message::Role,
    sentiment::{Sentiment, SentimentTrend},
    sla::SlaState,
    ticket::{TicketReference, TicketStatus},
    triage::{InjectionScreen, Intent, MessageKind},
};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A conversation as the console shows it, without who else looks at it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ConversationDetail {
    pub row: Row,
    pub newest_message_id: MessageId,
    /// Oldest first; at most the newest 300.
    pub thread: Vec<ThreadItem>,
    pub customer: CustomerPanel,
    pub assistant: AssistantPanel,
    /// Newest first.
    pub escalations: Vec<EscalationView>,
    pub pending: Vec<PendingReply>,
}

/// What the thread holds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ThreadItem {
    Message(ThreadMessage),
    Note(ThreadNote),
    Event(ThreadEvent),
}

impl ThreadItem {
    /// When it happened.
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Message(message) => message.at,
            Self::Note(note) => note.at,
            Self::Event(event) => event.at,
        }
    }
}

/// A message of the conversation.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ThreadMessage {
    pub id: MessageId,
    /// The ticket it belongs to.
    pub reference: String,
    pub role: Role,
    pub channel: Channel,
    pub text: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub sentiment: Option<f32>,
    /// Written by the assistant, approved by nobody.
    pub automatic: bool,
    pub author: Option<String>,
    pub delivery: Option<String>,
    pub delivery_error: Option<String>,
    pub sources: Vec<Source>,
    pub attachments: Vec<AttachmentView>,
    /// It has a formatted form, to be looked at in a frame.
    pub formatted: bool,
    /// Of mails: whether the domain of the sender's address vouches for it.
    pub verified: Option<bool>,
    /// Why only a person may see to it.
    pub held: Option<String>,
    /// Why a machine is taken to have written it.
    pub automatic_mail: Option<String>,
}

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttachmentView {
    pub id: String,
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
}

/// What operators tell each other.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ThreadNote {
    pub id: Uuid,
    pub reference: String,
    pub author: String,
    pub text: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
}

/// What was done to the ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ThreadEvent {
    pub id: String,
    pub reference: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub actor: String,
    pub action: String,
    pub text: String,
}

/// The customer beside the thread.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CustomerPanel {
    pub id: CustomerId,
    pub name: Option<String>,
    pub plan: Option<Plan>,
    pub identifiers: Vec<Identifier>,
    #[schema(value_type = String, format = DateTime)]
    pub first_contact_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub last_contact_at: Timestamp,
    /// The newest 20.
    pub tickets: Vec<CustomerTicket>,
    /// Oldest first, the newest 50.
    pub sentiment: Vec<MoodPoint>,
    pub trend: SentimentTrend,
    pub merges: Vec<MergeView>,
}

/// A ticket of the customer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CustomerTicket {
    pub reference: String,
    pub subject: String,
    pub status: TicketStatus,
    pub channel: Channel,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// The mood at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct MoodPoint {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub score: f32,
}

/// A merge that can be taken back.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MergeView {
    pub id: Uuid,
    pub merged_customer_id: CustomerId,
    pub merged_name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub by: String,
}

/// The assistant beside the thread.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssistantPanel {
    pub draft: Option<DraftView>,
    pub decision: Option<DecisionView>,
    pub triage: Option<TriageView>,
    /// What left the box for this ticket, newest first.
    pub egress: Vec<EgressView>,
}

/// A draft with what carries it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DraftView {
    pub id: Uuid,
    pub state: String,
    /// A newer customer message came.
    pub void: bool,
    pub body: String,
    pub origin: String,
    pub confidence: f32,
    pub sources: Vec<Source>,
    pub sentences: Vec<SentenceSupport>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    pub decided_by: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub decided_at: Option<Timestamp>,
}

/// What was decided on a message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DecisionView {
    pub decision: String,
    pub reason: String,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub message_id: MessageId,
}

/// What triage read in a message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TriageView {
    pub kind: MessageKind,
    pub language: Option<String>,
    pub language_served: bool,
    pub intent: Intent,
    pub sentiment: Sentiment,
    pub injection: InjectionScreen,
    pub escalation: TriageEscalation,
}

/// What spoke for and against a person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TriageEscalation {
    pub score: f32,
    pub category: EscalationCategory,
    pub urgency: Urgency,
    pub signals: Vec<Signal>,
}

/// Something that left the box.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EgressView {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub destination: String,
    pub model: String,
    pub purpose: String,
    pub redactions: u32,
    pub request_text: String,
}

/// A reply that can still be called back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct PendingReply {
    pub outbox_id: OutboxId,
    pub message_id: MessageId,
    #[schema(value_type = String, format = DateTime)]
    pub until: Timestamp,
}

/// A hand-over with its record.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EscalationView {
    pub id: EscalationId,
    pub reference: String,
    pub ticket: String,
    pub subject: String,
    pub customer: Option<String>,
    pub channel: Channel,
    pub plan: Plan,
    pub origin: String,
    pub category: EscalationCategory,
    pub urgency: Urgency,
    #[serde(flatten)]
    pub text: EscalationText,
    pub team: String,
    pub mailbox: String,
    pub promise: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    pub sla: SlaState,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    pub resolved_by: Option<String>,
}

/// The words of a hand-over.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EscalationText {
    pub reason: String,
    pub summary: String,
    pub attempts: Vec<String>,
    pub sentiment: f32,
    pub suggested_next_step: String,
}

/// Whom a reply on a ticket goes to.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketContact {
    pub channel: Channel,
    pub recipient: Option<String>,
    pub customer_name: Option<String>,
}

/// What formatting a reply on a ticket needs.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplyContextRecord {
    pub ticket: TicketId,
    pub reference: TicketReference,
    pub subject: String,
    pub contact: TicketContact,
    pub sentiment: f32,
    /// The newest customer message.
    pub newest_message_id: MessageId,
    /// The newest draft's id, body and sources, and the message it answers.
    pub draft: Option<(Uuid, String, Vec<Source>)>,
    /// What a hand-over made by an operator says the customer wants.
    pub newest_text: String,
}
