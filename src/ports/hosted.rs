//! The hosted model for hard cases, and the record of what it was shown.

use super::store::StoreError;
use crate::domain::{
    channel::Channel,
    customer::Plan,
    escalation::EscalationCategory,
    hosted::{Kept, Spent, Usage},
    ids::TicketId,
};
use async_trait::async_trait;
use jiff::Timestamp;

/// A hard case that may be shown to the hosted model, not yet redacted.
#[derive(Debug, Clone)]
pub struct HardCase {
    pub ticket: Option<TicketId>,
    pub channel: Channel,
    pub plan: Plan,
    /// What triage would hand it over as.
    pub category: EscalationCategory,
    /// Names of people in this conversation: taken out wherever they stand.
    pub names: Vec<String>,
    /// The company's instructions and passages.
    pub instructions: String,
    /// The customer's words.
    pub question: String,
}

/// The hosted model's answer, the originals put back in place of placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedAnswer {
    pub text: String,
    pub usage: Usage,
}

/// Why there is no answer. Each ends at a person.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoHostedAnswer {
    #[error("{0}")]
    Kept(#[from] Kept),
    /// Something looked as if it should have been taken out and was not understood.
    #[error("the message may hold something that must not leave ({0} places)")]
    Unsure(usize),
    /// Names in it cannot be looked for just now, and the owner wants such a message held.
    #[error("the message could not be read for names: {0}")]
    Unread(String),
    #[error("today's budget for the hosted model is spent")]
    BudgetSpent,
    #[error("the hosted model failed several times and is left alone for a while")]
    LeftAlone,
    #[error("the hosted model says that the passages do not answer it")]
    NotAnswered,
    #[error("the hosted model cannot be asked: {0}")]
    Failed(String),
}

/// What would leave the box for a hard case, word for word.
#[derive(Debug, Clone, PartialEq)]
pub struct HostedPayload {
    /// Host and port.
    pub destination: String,
    /// The request's JSON body.
    pub body: serde_json::Value,
    /// Things taken out.
    pub redactions: usize,
}

/// A model on another machine, asked only in hard cases.
#[async_trait]
pub trait HostedModel: Send + Sync {
    /// Redacts, records, asks, and puts the originals back.
    async fn ask(&self, case: &HardCase) -> Result<HostedAnswer, NoHostedAnswer>;
    /// What [`HostedModel::ask`] would send, without sending it.
    ///
    /// # Errors
    /// As [`HostedModel::ask`], as far as that can be known beforehand.
    async fn preview(&self, case: &HardCase) -> Result<HostedPayload, NoHostedAnswer>;
}

/// One call of a hosted model, for the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedCall {
    pub ticket: Option<TicketId>,
    /// Host and port.
    pub destination: String,
    pub model: String,
    /// As sent: redacted.
    pub request_text: String,
    pub request_bytes: u64,
    pub response_bytes: u64,
    pub redactions: u64,
    pub usage: Usage,
    pub cost_micros: u64,
    /// `answered`, `not_answered` or `failed`.
    pub outcome: &'static str,
}

/// The record of hosted calls.
#[async_trait]
pub trait HostedCalls: Send + Sync {
    async fn record_call(&self, call: HostedCall, now: Timestamp) -> Result<(), StoreError>;
    /// What was spent since a time.
    async fn spent_since(&self, since: Timestamp) -> Result<Spent, StoreError>;
}
