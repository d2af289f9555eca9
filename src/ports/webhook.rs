//! Providers that call us: a request as it came, handed to the channel it is for.

use async_trait::async_trait;
use std::{collections::BTreeMap, sync::Arc};

/// A request of a provider, untouched: signatures are made over exactly these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookCall {
    /// In capitals.
    pub method: String,
    /// `/webhooks/…`, without the query.
    pub path: String,
    /// Without the question mark; empty when there is none.
    pub query: String,
    /// Names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl WebhookCall {
    /// The first header of this name (in small letters).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }
}

/// What the provider is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookAnswer {
    /// Everything in the request is stored or needs no storing.
    Done { content_type: &'static str, body: String },
    /// Nothing proves who sent it: nothing was stored.
    Forbidden,
    /// Proven, but of no form we know: sending it again would not help.
    Unreadable,
    /// It could not be stored: the provider is to send it again.
    Unavailable,
}

impl WebhookAnswer {
    pub fn status(&self) -> u16 {
        match self {
            Self::Done { .. } => 200,
            Self::Forbidden => 403,
            Self::Unreadable => 400,
            Self::Unavailable => 503,
        }
    }
}

/// One channel's way in.
#[async_trait]
pub trait Webhook: Send + Sync {
    /// Checks the signature before anything else, and answers only when what came is stored.
    async fn receive(&self, call: WebhookCall) -> WebhookAnswer;
}

/// The ways in by path (`/webhooks/whatsapp`).
pub type Webhooks = BTreeMap<&'static str, Arc<dyn Webhook>>;
