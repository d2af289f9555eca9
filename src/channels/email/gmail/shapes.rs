//! What Gmail's and Pub/Sub's answers look like, as far as we read them.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub email_address: String,
    pub history_id: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HistoryPage {
    pub history: Vec<HistoryRecord>,
    pub next_page_token: Option<String>,
    pub history_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct HistoryRecord {
    pub id: String,
    pub messages_added: Vec<Added>,
}

#[derive(Debug, Deserialize)]
pub struct Added {
    pub message: Reference,
}

/// A mail by its id.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Reference {
    pub id: String,
    pub thread_id: String,
    pub label_ids: Vec<String>,
}

impl Reference {
    /// A customer's mail, not a draft, a sent one or one in the bin. Where Gmail names no labels, reading it tells.
    pub fn is_wanted(&self) -> bool {
        let has = |label: &str| self.label_ids.iter().any(|other| other == label);
        self.label_ids.is_empty() || (has("INBOX") && !has("DRAFT") && !has("SPAM") && !has("TRASH"))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListPage {
    pub messages: Vec<Reference>,
    pub next_page_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Message {
    pub raw: Option<String>,
    pub size_estimate: u64,
    pub payload: Option<Payload>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Payload {
    pub headers: Vec<Header>,
}

#[derive(Debug, Deserialize)]
pub struct Header {
    pub name: String,
    pub value: String,
}

#[derive(Debug, Deserialize)]
pub struct SendAnswer {
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub struct WatchAnswer {
    /// Milliseconds since 1970, as text.
    pub expiration: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PullAnswer {
    pub received_messages: Vec<Received>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Received {
    pub ack_id: String,
}
