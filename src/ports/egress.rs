//! What leaves the box, and the ledger it is written to before it does.

use super::store::StoreError;
use crate::domain::ids::TicketId;
use async_trait::async_trait;
use jiff::Timestamp;

/// Why something leaves the box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Fetching or sending mail.
    Mail,
    /// Fetching or sending WhatsApp messages.
    Whatsapp,
    /// Getting or renewing a token, or a provider's public keys.
    SignIn,
    /// Asking a hosted model.
    HostedModel,
    /// Getting a model's files.
    ModelDownload,
    /// Telling another system of an event.
    Notification,
    /// Events and work on the message broker.
    Broker,
}

impl Purpose {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mail => "mail",
            Self::Whatsapp => "whatsapp",
            Self::SignIn => "sign_in",
            Self::HostedModel => "hosted_model",
            Self::ModelDownload => "model_download",
            Self::Notification => "notification",
            Self::Broker => "broker",
        }
    }
}

/// One thing that is about to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    pub purpose: Purpose,
    /// Host and port.
    pub destination: String,
    pub ticket: Option<TicketId>,
    /// Bytes of what is said: a request's line, headers and body, or a mail's text.
    pub byte_count: u64,
    pub sha256: [u8; 32],
}

/// The record of everything that left. Written first: what cannot be recorded does not leave.
#[async_trait]
pub trait EgressLedger: Send + Sync {
    async fn record(&self, departure: Departure) -> Result<(), StoreError>;
}

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// 1 for the first; no number is left out.
    pub number: i64,
    pub at: Timestamp,
    pub purpose: String,
    pub destination: String,
    pub ticket: Option<TicketId>,
    pub byte_count: u64,
    pub sha256: [u8; 32],
    pub hash: [u8; 32],
}

/// Which rows to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LedgerFilter {
    pub since: Option<Timestamp>,
    pub purpose: Option<String>,
    pub ticket: Option<TicketId>,
    /// Only rows after this number.
    pub after: Option<i64>,
}

/// What a check of the chain found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChainState {
    /// Every row continues the one before; how many there are.
    Whole { rows: u64 },
    /// The first row that does not.
    BrokenAt { number: i64 },
}

/// Reading the ledger.
#[async_trait]
pub trait EgressReports: Send + Sync {
    /// Oldest first.
    async fn entries(&self, filter: LedgerFilter, limit: usize) -> Result<Vec<LedgerEntry>, StoreError>;
    /// Newest first, only rows before this number.
    async fn newest(
        &self,
        purpose: Option<String>,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<LedgerEntry>, StoreError>;
    /// Reads every row and reckons its hash anew.
    async fn verify_chain(&self) -> Result<ChainState, StoreError>;
}
