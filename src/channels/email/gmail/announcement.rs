//! What a pushed announcement says: in whose mailbox something came. Pure.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;

/// What it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announced {
    /// Pub/Sub's own trial: no data.
    Nothing,
    /// The mailbox's address, in small letters.
    Mailbox(String),
}

#[derive(Deserialize)]
struct Body {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    #[serde(default)]
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    email_address: String,
}

/// `None` when it has no form we know.
pub fn read(body: &[u8]) -> Option<Announced> {
    let body: Body = serde_json::from_slice(body).ok()?;
    if body.message.data.is_empty() {
        return Some(Announced::Nothing);
    }
    let data: Data = serde_json::from_slice(&STANDARD.decode(&body.message.data).ok()?).ok()?;
    Some(Announced::Mailbox(data.email_address.trim().to_lowercase()))
}
