//! What leaves the box, and the ledger it is written to before it does.

use super::store::StoreError;
use crate::domain::ids::TicketId;
use async_trait::async_trait;

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
