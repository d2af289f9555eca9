//! Whether a machine wrote a mail (RFC 3834), and whether its sender wants no acknowledgements.

use super::{
    Mailbox,
    headers::{Sender, texts, word},
};
use mail_parser::{Message, MimeHeaders};
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Marks {
    present: Vec<String>,
    precedence: Vec<String>,
    senders: Vec<String>,
    sender_starts: Vec<String>,
    subjects: Vec<String>,
    bounces: Bounces,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Bounces {
    senders: Vec<String>,
    subjects: Vec<String>,
}

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../assets/email/automatic.toml"))
        .unwrap_or_else(|error| unreachable!("the shipped marks parse: {error}"))
});

/// Why a machine wrote this mail, in words for an operator; `None` for a person's.
pub fn reason(message: &Message<'_>, sender: &Sender, mailbox: &Mailbox) -> Option<String> {
    if let Some(value) = word(message, "Auto-Submitted").filter(|value| value != "no") {
        return Some(format!("Auto-Submitted: {}", short(&value)));
    }
    let precedence = word(message, "Precedence").or_else(|| word(message, "X-Precedence"));
    if let Some(value) = precedence.filter(|value| MARKS.precedence.contains(value)) {
        return Some(format!("Precedence: {value}"));
    }
    let marked = message.headers().iter().map(|header| header.name().to_ascii_lowercase());
    if let Some(name) = marked.into_iter().find(|name| MARKS.present.contains(name)) {
        return Some(format!("has the header {name}"));
    }
    if has_null_return_path(message) {
        return Some("has no return path".to_owned());
    }
    if is_report(message) {
        return Some("is a delivery report".to_owned());
    }
    if let Some(address) = &sender.address {
        if mailbox.is_own(address) {
            return Some("comes from an address of ours".to_owned());
        }
        if is_machine(address) {
            return Some("comes from an address nobody reads".to_owned());
        }
    }
    let subject = message.subject().unwrap_or_default().trim().to_lowercase();
    let begins = MARKS.subjects.iter().any(|start| subject.starts_with(start.as_str()));
    begins.then(|| "its subject is that of an automatic reply".to_owned())
}

/// Whether the sender's server asks for no automatic responses (MS-OXCMAIL). Taken at its word for acknowledgements only: whole
/// companies send it on what people write.
pub fn wants_no_acknowledgement(message: &Message<'_>) -> bool {
    let values = texts(message, "X-Auto-Response-Suppress").join(",").to_lowercase();
    values.split([',', ';', ' ']).any(|word| matches!(word.trim(), "all" | "oof" | "autoreply"))
}

/// A mail that tells of a failed delivery in words only. No machine should act on it.
pub fn is_wordy_bounce(message: &Message<'_>, sender: &Sender) -> bool {
    let local = sender.address.as_deref().and_then(|address| address.split('@').next());
    let from_machine = local.is_some_and(|local| MARKS.bounces.senders.iter().any(|name| local.starts_with(name.as_str())));
    let subject = message.subject().unwrap_or_default().to_lowercase();
    let says_so = MARKS.bounces.subjects.iter().any(|words| subject.contains(words.as_str()));
    !is_report(message) && says_so && (from_machine || has_null_return_path(message) || sender.address.is_none())
}

/// A report made for machines (RFC 3462).
pub fn is_report(message: &Message<'_>) -> bool {
    message.is_content_type("multipart", "report")
}

fn has_null_return_path(message: &Message<'_>) -> bool {
    texts(message, "Return-Path").first().is_some_and(|path| path.replace(' ', "") == "<>")
}

fn is_machine(address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default();
    let bare = local.split('+').next().unwrap_or_default();
    MARKS.senders.iter().any(|name| name == local || name == bare)
        || MARKS.sender_starts.iter().any(|start| local.starts_with(start.as_str()))
}

fn short(value: &str) -> String {
    value.chars().filter(|c| c.is_ascii_graphic()).take(40).collect()
}
