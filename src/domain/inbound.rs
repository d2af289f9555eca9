//! A customer's message in the one form every channel adapter brings it into.

use super::{
    channel::Channel,
    customer::{Identifier, Plan},
    ids::{ConversationId, CustomerId, MessageId, TicketId},
    ticket::{Category, Priority, TicketReference},
};
use jiff::Timestamp;

/// The longest text kept of a message, in characters. Longer ones are refused at the channel's boundary.
pub const MAX_TEXT_CHARS: usize = 100_000;

/// A message as a channel adapter hands it in, checked and normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    pub channel: Channel,
    /// The provider's id of this message; the same id on the same channel is the same message.
    pub provider_message_id: String,
    /// The sender's addresses, at least one.
    pub identifiers: Vec<Identifier>,
    pub customer_name: Option<String>,
    /// What the sender says of their plan; kept on the ticket, never trusted for service levels alone.
    pub plan: Option<Plan>,
    pub subject: Option<String>,
    /// What the model and people read.
    pub text: String,
    /// What came in, untouched (a JSON body, a form, an .eml), for audits.
    pub raw: Vec<u8>,
    pub category: Category,
    pub priority: Priority,
    /// The ticket this answers, when the channel proved it (a status token, a signed message id).
    pub ticket: Option<TicketReference>,
    pub received_at: Timestamp,
}

/// What accepting a message led to.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    pub ticket_id: TicketId,
    pub reference: TicketReference,
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub message_id: MessageId,
    /// The plan on the ticket, for the promised response time.
    pub plan: Plan,
    /// True when this very message had been accepted before: nothing was changed.
    pub duplicate: bool,
}
