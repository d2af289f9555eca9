//! A customer's message in the one form every channel adapter brings it into.

use super::{
    attachment::Attachment,
    channel::Channel,
    customer::{Identifier, Plan},
    ids::{ConversationId, CustomerId, MessageId, TicketId},
    ticket::{Category, Priority, TicketReference, text_enum},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// The longest text kept of a message, in characters. Longer ones are refused at the channel's boundary.
pub const MAX_TEXT_CHARS: usize = 100_000;

/// A message as a channel adapter hands it in, checked and normalised.
#[derive(Debug, Clone, PartialEq)]
pub struct Inbound {
    pub channel: Channel,
    /// The account it came in by, as named in the settings (`support`); empty on the web form.
    pub account: String,
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
    pub extras: Extras,
}

/// What only some channels bring along.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extras {
    /// What the model reads where it differs from `text`: without quoted mail and signatures.
    pub model_text: Option<String>,
    /// The sanitised HTML, for people.
    pub html: Option<String>,
    pub attachments: Vec<Attachment>,
    pub mail: Option<MailHeaders>,
    /// Why this was written by a machine: kept, never answered by itself, and it reopens nothing.
    pub automatic_mail: Option<String>,
    /// The sender's server asks for no automatic responses: no acknowledgements then, but still answers.
    pub acknowledgements_unwanted: bool,
    /// Why only a person may see to this: nothing automatic answers it.
    pub held: Option<String>,
}

/// Where a mail stands among others, and who vouches for its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailHeaders {
    /// Without angle brackets; made up from a digest where the sender gave none.
    pub message_id: String,
    /// Ids this mail answers, oldest first, `In-Reply-To` last.
    pub references: Vec<String>,
    /// Our own messages among them, each proven by the signature in its id, newest first.
    pub answers: Vec<MessageId>,
    pub from: String,
    /// The addresses in To and Cc.
    pub recipients: Vec<String>,
    pub reply_to: Option<String>,
    pub authenticated: MailAuthentication,
}

text_enum!(
    /// Whether the domain of a mail's From address vouches for it (RFC 8601, from a server we trust).
    MailAuthentication { Pass => "pass", Fail => "fail", None => "none" }
);

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
