//! What the headers of a mail say, in normal form.

use super::{Mailbox, authentication, signed_id};
use crate::domain::{
    address::normalise_email,
    inbound::{MailAuthentication, MailHeaders},
};
use mail_parser::{Address, HeaderName, HeaderValue, Message};
use sha2::{Digest, Sha256};

/// So many ids of a thread are kept: the oldest one and the newest ones.
const MAX_REFERENCES: usize = 40;
/// A longer id is no id: servers make them of at most 250 characters or so.
const MAX_ID_CHARS: usize = 500;
const MAX_RECIPIENTS: usize = 200;

/// Who wrote, as far as the mail itself says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// In normal form; `None` when no usable address is given.
    pub address: Option<String>,
    pub name: Option<String>,
    /// One From header with one address: only then can the domain vouch for "the" sender.
    pub single: bool,
}

pub fn sender(message: &Message<'_>) -> Sender {
    let from: Vec<&HeaderValue<'_>> = message.header_values(HeaderName::From).collect();
    let addresses: Vec<_> =
        from.iter().filter_map(|value| value.as_address()).flat_map(Address::iter).collect();
    let usable = addresses.iter().find_map(|found| normalise_email(found.address()?).ok());
    let fallback = || {
        let sender = message.sender().and_then(Address::first)?;
        normalise_email(sender.address()?).ok()
    };
    Sender {
        single: from.len() == 1 && addresses.len() == 1 && usable.is_some(),
        address: usable.or_else(fallback),
        name: addresses.iter().find_map(|found| found.name()).map(|name| one_line(name, 200)).filter(|name| !name.is_empty()),
    }
}

/// The place of a mail among others. `digest` stands in for a Message-ID the sender left out.
pub fn mail_headers(message: &Message<'_>, sender: &Sender, mailbox: &Mailbox, digest: &str) -> MailHeaders {
    let message_id =
        message.message_id().and_then(usable_id).unwrap_or_else(|| format!("{digest}@no-message-id.invalid"));
    let recipients = recipients(message);
    let references = references(message);
    let mut answers = Vec::new();
    let by_id = references.iter().rev().filter_map(|id| signed_id::own_message(mailbox, id));
    let delivered = ["Delivered-To", "X-Original-To", "Envelope-To"].into_iter().flat_map(|name| texts(message, name));
    let addressed = recipients.iter().cloned().chain(delivered.filter_map(|text| normalise_email(&text).ok()));
    let by_address: Vec<_> =
        addressed.filter_map(|address| signed_id::addressed_message(mailbox, &address)).collect();
    for answered in by_id.chain(by_address) {
        if !answers.contains(&answered) {
            answers.push(answered);
        }
    }
    MailHeaders {
        message_id,
        references,
        answers,
        from: sender.address.clone().unwrap_or_default(),
        recipients,
        reply_to: addresses(message.reply_to()).into_iter().next(),
        authenticated: authenticated(message, sender, mailbox),
    }
}

fn authenticated(message: &Message<'_>, sender: &Sender, mailbox: &Mailbox) -> MailAuthentication {
    let domain = sender.address.as_deref().and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain);
    // A mail in our own name comes from us or is forged: no server can vouch for it here.
    let own = sender.address.as_deref().is_some_and(|address| mailbox.is_own(address));
    let Some(domain) = domain.filter(|_| sender.single && !own) else { return MailAuthentication::None };
    let results = texts(message, "Authentication-Results");
    authentication::judge(results.iter().map(String::as_str), mailbox.authserv_id.as_deref(), domain)
}

fn recipients(message: &Message<'_>) -> Vec<String> {
    let all = message.all_to().chain(message.all_cc()).flat_map(|list| addresses(Some(list)));
    let mut found: Vec<String> = Vec::new();
    for address in all.take(MAX_RECIPIENTS) {
        if !found.contains(&address) {
            found.push(address);
        }
    }
    found
}

fn addresses(list: Option<&Address<'_>>) -> Vec<String> {
    let list = list.into_iter().flat_map(Address::iter);
    list.filter_map(|found| normalise_email(found.address()?).ok()).collect()
}

/// Ids this mail answers, oldest first, In-Reply-To last.
fn references(message: &Message<'_>) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let lists = message.header_values(HeaderName::References).chain(message.header_values(HeaderName::InReplyTo));
    for id in lists.flat_map(ids_of) {
        ids.retain(|known| *known != id);
        ids.push(id);
    }
    if ids.len() > MAX_REFERENCES {
        let newest = ids.split_off(ids.len() - (MAX_REFERENCES - 1));
        ids.truncate(1);
        ids.extend(newest);
    }
    ids
}

fn ids_of(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => usable_id(id).into_iter().collect(),
        HeaderValue::TextList(ids) => ids.iter().filter_map(|id| usable_id(id)).collect(),
        _ => Vec::new(),
    }
}

/// An id that can be stored and sent on: printable ASCII without blanks and brackets, not too long.
pub fn usable_id(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let printable = id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'));
    (!id.is_empty() && printable && id.len() <= MAX_ID_CHARS).then(|| id.to_owned())
}

/// All values of a header, topmost first, as they were written.
pub fn texts(message: &Message<'_>, name: &str) -> Vec<String> {
    let raw = message.raw_message();
    let found = message.headers().iter().filter(|header| header.name().eq_ignore_ascii_case(name));
    found
        .filter_map(|header| raw.get(header.offset_start() as usize..header.offset_end() as usize))
        .map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
        .collect()
}

/// The first value of a header in small letters, without comments' parentheses being looked into.
pub fn word(message: &Message<'_>, name: &str) -> Option<String> {
    let value = texts(message, name).into_iter().next()?;
    let word = value.split([';', '(', ',']).next().unwrap_or_default().trim().to_lowercase();
    (!word.is_empty()).then_some(word)
}

/// A text on one line, without control and invisible characters, cut to `max` characters.
pub fn one_line(text: &str, max: usize) -> String {
    let plain = super::body::without_invisible(text);
    let words: Vec<&str> =
        plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    words.join(" ").chars().take(max).collect()
}

/// Identifies what was sent: who, when, what about, and the body's bytes. Headers that servers add on the way do not count.
pub fn digest(message: &Message<'_>) -> String {
    let mut digest = Sha256::new();
    for name in ["From", "Date", "Subject"] {
        for value in texts(message, name) {
            digest.update(value.as_bytes());
            digest.update([0]);
        }
    }
    let body = message.parts.first().map_or(0, |root| root.raw_body_offset() as usize);
    let body = message.raw_message().get(body..).unwrap_or_default();
    digest.update(body.trim_ascii());
    hex::encode(&digest.finalize()[..16])
}
