//! The inbox: one row a ticket.

use crate::domain::{
    channel::Channel,
    customer::{Identifier, Plan},
    escalation::{EscalationCategory, Urgency},
    ids::{ConversationId, CustomerId, OperatorId},
    message::Role,
    progress::Stage,
    sla::SlaState,
    ticket::{Category, Priority, TicketReference, TicketStatus, text_enum},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

text_enum!(
    /// Which tickets are shown.
    InboxView {
        All => "all", Mine => "mine", Unassigned => "unassigned", NeedsApproval => "needs_approval",
        Escalated => "escalated", Waiting => "waiting", Snoozed => "snoozed", Closed => "closed", Spam => "spam",
    }
);
text_enum!(
    /// By the last message.
    InboxSort { Newest => "newest", Oldest => "oldest" }
);
text_enum!(
    /// The mood of the newest customer message: below -0.2, between, above 0.2.
    SentimentBand { Negative => "negative", Neutral => "neutral", Positive => "positive" }
);

/// Where a page ended: a time in microseconds and the id of what stood there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    pub at: i64,
    pub id: [u8; 16],
}

/// What narrows a view.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InboxFilter {
    pub channel: Option<Channel>,
    pub team: Option<String>,
    pub assignee: Option<OperatorId>,
    pub sentiment: Option<SentimentBand>,
    pub plan: Option<Plan>,
    pub language: Option<String>,
    pub label: Option<String>,
    /// Of the last message, inclusive.
    pub from: Option<Timestamp>,
    /// Of the last message, exclusive.
    pub until: Option<Timestamp>,
}

/// A page of the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxQuery {
    pub view: InboxView,
    pub sort: InboxSort,
    pub filter: InboxFilter,
    /// Whose view `mine` is.
    pub operator: Option<OperatorId>,
    pub after: Option<Position>,
    pub limit: usize,
    pub now: Timestamp,
}

/// Tickets by view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    pub all: u64,
    pub mine: u64,
    pub unassigned: u64,
    pub needs_approval: u64,
    pub escalated: u64,
    pub waiting: u64,
    pub snoozed: u64,
    pub closed: u64,
    pub spam: u64,
}

/// A customer in a row.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CustomerName {
    pub id: CustomerId,
    pub name: Option<String>,
}

/// An operator in a row.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssigneeView {
    pub id: OperatorId,
    pub name: String,
}

/// A ticket's open hand-over in a row.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OpenEscalation {
    pub reference: String,
    pub category: EscalationCategory,
    pub urgency: Urgency,
    #[schema(value_type = String, format = DateTime)]
    pub due_at: Timestamp,
    pub sla: SlaState,
}

/// The newest message in a row.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LastMessage {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub role: Role,
    /// At most 140 characters.
    pub preview: String,
}

/// One row of the inbox: one ticket.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Row {
    #[serde(serialize_with = "as_text")]
    #[schema(value_type = String)]
    pub reference: TicketReference,
    pub conversation_id: ConversationId,
    pub subject: String,
    pub customer: CustomerName,
    pub channel: Channel,
    pub status: TicketStatus,
    pub stage: Stage,
    pub category: Category,
    pub priority: Priority,
    pub plan: Plan,
    pub language: Option<String>,
    pub sentiment: Option<f32>,
    pub team: Option<String>,
    pub assignee: Option<AssigneeView>,
    pub taken_over_by: Option<String>,
    pub escalation: Option<OpenEscalation>,
    /// `held` or `flagged`.
    pub draft: Option<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Timestamp>,
    pub spam: bool,
    pub labels: Vec<String>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub waiting_since: Option<Timestamp>,
    pub last_message: LastMessage,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    #[serde(skip)]
    pub position: Position,
}

fn as_text<S: serde::Serializer>(reference: &TicketReference, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reference.as_str())
}

/// A ticket found by words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SearchHit {
    pub conversation: Row,
    /// `message`, `subject` or `customer`.
    pub matched: &'static str,
    /// Plain text; what was found stands between U+0002 and U+0003.
    pub snippet: String,
}

/// What a live event says of a ticket.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TicketGlance {
    pub reference: String,
    pub status: TicketStatus,
    pub stage: Stage,
    pub assigned_to: Option<String>,
}

/// A label in use.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LabelCount {
    pub name: String,
    pub count: u64,
}

/// A customer found by words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CustomerHit {
    pub id: CustomerId,
    pub name: Option<String>,
    pub identifiers: Vec<Identifier>,
    pub tickets: u64,
}
