//! From a reply to the bytes of a mail.

use super::{Mailbox, headers::usable_id, outgoing_html::simple_html, signed_id};
use crate::domain::address::normalise_email;
use crate::ports::delivery::OutboundMessage;
use mail_builder::{
    MessageBuilder,
    headers::{HeaderType, address::Address, content_type::ContentType, date::Date, message_id::MessageId, raw::Raw},
    mime::MimePart,
};

/// Ids kept of a long thread: the oldest one and the newest ones, so that every server takes the header.
const MAX_REFERENCES: usize = 30;

/// A mail ready to be handed to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// The envelope's sender (MAIL FROM): the mailbox's bounce address if it has one.
    pub envelope_sender: String,
    /// The envelope's one recipient (RCPT TO).
    pub envelope_recipient: String,
    /// Its Message-ID without angle brackets: give it back as the receipt's `provider_message_ids`.
    pub message_id: String,
    /// RFC 5322, lines ended by CRLF. The same for every attempt at the same message.
    pub bytes: Vec<u8>,
}

/// Why no mail can be made of a message: never to be tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CannotCompose {
    #[error("the message has no recipient")]
    NoRecipient,
    #[error("the recipient is no mail address")]
    BadRecipient,
    /// Answering ourselves would never end.
    #[error("the recipient is an address of this mailbox")]
    ToOurselves,
}

/// Makes the mail of a reply. The transport sends `bytes` as they are: nothing may be added, or attempts would differ.
///
/// # Errors
/// [`CannotCompose`], which is permanent.
pub fn compose(message: &OutboundMessage, mailbox: &Mailbox) -> Result<Composed, CannotCompose> {
    let recipient = message.recipient.as_deref().ok_or(CannotCompose::NoRecipient)?;
    let recipient = normalise_email(recipient).map_err(|_| CannotCompose::BadRecipient)?;
    if mailbox.is_own(&recipient) {
        return Err(CannotCompose::ToOurselves);
    }
    let message_id = signed_id::message_id(mailbox, message.message_id);
    let subject = header_text(message.subject.as_deref().unwrap_or("Your message"));
    let name = header_text(&mailbox.display_name);
    let name = Some(name).filter(|name| !name.is_empty());
    let mut mail = MessageBuilder::new()
        .header("Date", date(message))
        .from(Address::new_address(name.clone(), mailbox.address.clone()))
        .to(Address::new_address(None::<String>, recipient.clone()))
        .subject(subject)
        .message_id(message_id.clone());
    if let Some(address) = signed_id::reply_address(mailbox, message.message_id) {
        mail = mail.reply_to(Address::new_address(name, address));
    }
    let references = references(&message.references);
    if let Some(answered) = references.last() {
        mail = mail
            .in_reply_to(answered.clone())
            .header("References", HeaderType::MessageId(MessageId::new_list(references.into_iter())));
    }
    if message.automatic {
        mail = mail
            .header("Auto-Submitted", Raw::new("auto-replied"))
            .header("X-Auto-Response-Suppress", Raw::new("All"));
    }
    let text = message.parts.join("\n\n").replace("\r\n", "\n");
    // The parts' border is made of the id: a random one would make every attempt another mail.
    let kind = ContentType::new("multipart/alternative")
        .attribute("boundary", format!("=_{}", message.message_id.0.simple()));
    let parts = vec![
        MimePart::new("text/plain", with_crlf(&text)),
        MimePart::new("text/html", with_crlf(&simple_html(&text))),
    ];
    // Writing into memory cannot fail.
    let bytes = mail.body(MimePart::new(kind, parts)).write_to_vec().unwrap_or_default();
    Ok(Composed {
        envelope_sender: mailbox.bounce_address.clone().unwrap_or_else(|| mailbox.address.clone()),
        envelope_recipient: recipient,
        message_id,
        bytes,
    })
}

/// When the reply was made, not when it is sent: its id is time-ordered and knows.
fn date(message: &OutboundMessage) -> Date {
    let made = message.message_id.0.get_timestamp().map(|stamp| stamp.to_unix().0);
    let answered = message.last_inbound_at.map(jiff::Timestamp::as_second);
    Date::new(made.and_then(|seconds| i64::try_from(seconds).ok()).or(answered).unwrap_or_default())
}

fn references(all: &[String]) -> Vec<String> {
    let mut ids: Vec<String> = all.iter().filter_map(|id| usable_id(id)).collect();
    if ids.len() > MAX_REFERENCES {
        let newest = ids.split_off(ids.len() - (MAX_REFERENCES - 1));
        ids.truncate(1);
        ids.extend(newest);
    }
    ids
}

/// One line, so that no text can add headers of its own.
fn header_text(text: &str) -> String {
    super::headers::one_line(text, 300)
}

fn with_crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}
