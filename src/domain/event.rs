//! What other systems are told of: one type an event, versioned, written in the transaction of the change it tells of.
//! Ids, references, names of choices, figures and times; a customer's words only where the owner said so.

use super::{
    channel::Channel,
    customer::Plan,
    escalation::{EscalationCategory, Urgency},
    ids::{ConversationId, CustomerId, EventId, MessageId},
    ticket::{Category, Priority, text_enum},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, str::FromStr};

/// The version of every event's form. A field may be added within a version; one that goes or changes its meaning makes the next.
pub const VERSION: u32 = 1;
/// As many characters of a customer's text travel with an event, where texts travel at all: brokers limit the size of a message.
pub const MAX_TEXT_CHARS: usize = 4_000;

text_enum!(
    /// What an event tells of.
    EventKind {
        /// A customer's message was accepted.
        MessageReceived => "message_received",
        /// A person is needed.
        EscalationRaised => "escalation_raised",
        /// A turn of work on a ticket ended.
        TurnFinished => "turn_finished",
        /// Something was given up.
        DeadLetter => "dead_letter",
    }
);

/// One event as it travels.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// The same whenever it is sent again: consumers tell repeats by it.
    pub event_id: EventId,
    pub version: u32,
    pub occurred_at: Timestamp,
    #[serde(flatten)]
    pub body: EventBody,
}

impl Event {
    pub fn new(body: EventBody, occurred_at: Timestamp) -> Self {
        Self { event_id: EventId::new(), version: VERSION, occurred_at, body }
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventBody {
    MessageReceived(MessageReceived),
    EscalationRaised(EscalationRaised),
    TurnFinished(TurnFinished),
    DeadLetter(DeadLetterEvent),
}

impl EventBody {
    pub fn kind(&self) -> EventKind {
        match self {
            Self::MessageReceived(_) => EventKind::MessageReceived,
            Self::EscalationRaised(_) => EventKind::EscalationRaised,
            Self::TurnFinished(_) => EventKind::TurnFinished,
            Self::DeadLetter(_) => EventKind::DeadLetter,
        }
    }
}

/// A customer's message came in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MessageReceived {
    pub ticket: String,
    pub message_id: MessageId,
    pub conversation_id: ConversationId,
    pub customer_id: CustomerId,
    pub channel: Channel,
    /// The message opened the ticket.
    pub new_ticket: bool,
    /// As the sender chose.
    pub category: Category,
    pub priority: Priority,
    pub plan: Plan,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// A ticket waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EscalationRaised {
    /// `ESC-` and eight digits.
    pub escalation: String,
    pub ticket: String,
    pub channel: Channel,
    /// `decision`, `approval`, `feedback`, `operator` or `failure`.
    pub origin: &'static str,
    pub category: EscalationCategory,
    pub urgency: Urgency,
    pub plan: Plan,
    pub team: String,
    /// -1..1.
    pub sentiment: f64,
    pub due_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// What a turn led to, in figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TurnFinished {
    pub ticket: String,
    pub channel: Channel,
    /// `sent`, `flagged`, `held`, `escalated`, `acknowledged` or `ignored`.
    pub decision: &'static str,
    pub escalated: bool,
    /// -1..1.
    pub sentiment: f64,
    pub intent: &'static str,
    /// From the oldest unanswered message to the reply; absent when nothing was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latency_ms: Option<u64>,
    /// Of the draft, 0..1; absent when none was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// Milliseconds by step.
    pub steps_ms: BTreeMap<String, u64>,
}

text_enum!(
    /// Work that can be given up.
    GivenUp {
        /// Answering a message.
        Answer => "answer",
        /// Delivering a reply.
        Delivery => "delivery",
        /// Telling a team of an escalation.
        Notification => "notification",
        /// A device's message that cannot be read.
        DeviceMessage => "device_message",
    }
);

/// Something was given up; a person has it, or must look.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeadLetterEvent {
    pub work: GivenUp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// A stable word for programs.
    pub reason: String,
    /// What the last attempt said, in words, where texts may travel; for a device's message what is wrong with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Of a device's message: size and SHA-256, so that its sender can be found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What the owner wants told, and to whom: kept in the store, so that every process that writes there obeys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Announcements {
    /// Events are written for the broker.
    pub events: bool,
    /// A customer's words go along with events.
    pub include_text: bool,
    /// Reason and summary go along with notes to teams.
    pub notes_include_text: bool,
    /// Escalations go to a webhook.
    pub webhook: bool,
    /// Escalations go to the team's mailbox.
    pub mail: bool,
    /// These addresses stand in for the team's mailbox.
    pub mail_to: Vec<String>,
    /// Drafts that wait for approval are told of like escalations.
    pub approvals: bool,
}

impl Announcements {
    /// A text for an event, if texts may travel, no longer than they may.
    pub fn text(&self, text: &str) -> Option<String> {
        self.include_text.then(|| cut(text))
    }

    /// A text for a team's note, if texts may travel.
    pub fn note_text(&self, text: &str) -> Option<String> {
        self.notes_include_text.then(|| cut(text))
    }
}

fn cut(text: &str) -> String {
    text.chars().take(MAX_TEXT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_words_travel_only_when_the_owner_said_so_and_never_without_end() {
        let silent = Announcements::default();
        assert_eq!(silent.text("My card number is …"), None);
        let open = Announcements { include_text: true, ..silent };
        assert_eq!(open.text(&"é".repeat(9_000)).map(|text| text.chars().count()), Some(MAX_TEXT_CHARS));
    }
}
