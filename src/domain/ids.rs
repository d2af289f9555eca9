//! Identifiers of our own records. Time-ordered (UUID version 7) so that they index well.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use uuid::Uuid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new identifier, later ones sorting after earlier ones.
            #[expect(clippy::new_without_default, reason = "every call gives another value")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(formatter)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

id!(/// A customer.
    CustomerId);
id!(/// A conversation.
    ConversationId);
id!(/// One message in a conversation.
    MessageId);
id!(/// A ticket.
    TicketId);
id!(/// A draft of the assistant.
    DraftId);
id!(/// A hand-over to a person.
    EscalationId);
id!(/// A message on its way out.
    OutboxId);
id!(/// A knowledge document.
    DocumentId);
id!(/// A file that came with a message.
    AttachmentId);
id!(/// Two customers made one.
    MergeId);
id!(/// A message whose decision an operator put right.
    ExemplarId);
id!(/// Somebody who works the console.
    OperatorId);

id!(/// Something that happened, told to other systems.
    EventId);
id!(/// A note to the team that a hand-over waits.
    NotificationId);

impl EscalationId {
    /// The number people use: `ESC-` and eight hexadecimal digits of the identifier's random end.
    pub fn reference(self) -> String {
        let bytes = self.0.into_bytes();
        format!("ESC-{:02X}{:02X}{:02X}{:02X}", bytes[12], bytes[13], bytes[14], bytes[15])
    }
}

/// A retrieved chunk's row number; it doubles as its row in the full-text and vector indexes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct PassageId(pub i64);

/// A queued job's number; jobs run in this order within a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub i64);
