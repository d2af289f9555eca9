//! What a customer can watch while a reply is made.

use super::ids::MessageId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A step on the way of a message, in order of appearance.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Received,
    Reading,
    Searching,
    Writing,
    Checking,
    WithAPerson,
    Answered,
    Failed,
}

impl Stage {
    pub const ALL: [Self; 8] = [
        Self::Received,
        Self::Reading,
        Self::Searching,
        Self::Writing,
        Self::Checking,
        Self::WithAPerson,
        Self::Answered,
        Self::Failed,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Reading => "reading",
            Self::Searching => "searching",
            Self::Writing => "writing",
            Self::Checking => "checking",
            Self::WithAPerson => "with_a_person",
            Self::Answered => "answered",
            Self::Failed => "failed",
        }
    }

    /// The words a customer sees.
    pub fn label(self) -> &'static str {
        match self {
            Self::Received => "We have your message",
            Self::Reading => "Reading your message",
            Self::Searching => "Searching our help articles",
            Self::Writing => "Writing your answer",
            Self::Checking => "Checking every sentence",
            Self::WithAPerson => "With our team",
            Self::Answered => "Answered",
            Self::Failed => "Delayed; our team has been told",
        }
    }
}

/// Something that happened to a ticket, for those who watch it. Losing one loses nothing: the store has the truth.
#[derive(Debug, Clone, PartialEq)]
pub enum TicketEvent {
    Progress {
        stage: Stage,
        at: Timestamp,
    },
    /// A verified sentence of the reply being written.
    Sentence {
        index: usize,
        text: String,
    },
    /// Forget the sentences shown so far.
    Retracted,
    /// A reply was delivered; its text stands in the store.
    Reply {
        message_id: MessageId,
    },
    Status {
        status: super::ticket::TicketStatus,
        assigned_to: Option<String>,
    },
}
