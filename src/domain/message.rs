//! One message of a conversation.

use super::{channel::Channel, ids::MessageId, knowledge::Source};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Whether a message came to us or left us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    Inbound,
    Outbound,
}

/// Who wrote a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Customer,
    Assistant,
    Operator,
    System,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Assistant => "assistant",
            Self::Operator => "operator",
            Self::System => "system",
        }
    }
}

/// How far an outbound message got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    Pending,
    Sent,
    Delivered,
    Read,
    Failed,
}

impl DeliveryStatus {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
        }
    }
}

/// A stored message as readers see it.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    pub id: MessageId,
    pub role: Role,
    pub channel: Channel,
    /// The clean text: what the customer wrote, or the formatted reply.
    pub content: String,
    pub created_at: Timestamp,
    /// -1..1, for customers' messages once triaged.
    pub sentiment: Option<f32>,
    /// `None` for inbound messages.
    pub delivery_status: Option<DeliveryStatus>,
    /// Where an answer was taken from.
    pub sources: Vec<Source>,
}
