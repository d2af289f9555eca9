//! From the bytes of a mail to what the desk makes of it.

use super::{
    Mailbox, automatic,
    body::{self, Body},
    files::{self, Files},
    headers::{self, Sender},
    reports,
    sanitised_html::sanitised,
    signed_id,
};
use crate::domain::{
    channel::Channel,
    customer::{Identifier, IdentifierKind},
    formatting::bare_subject,
    inbound::{Extras, Inbound, MailAuthentication, MailHeaders},
    mail::DeliveryReport,
    ticket::{Category, Priority},
};
use jiff::Timestamp;
use mail_parser::{Message, MessageParser, PartType};
use std::{collections::HashSet, panic::AssertUnwindSafe};

/// What a mail is to us.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// To be accepted by [`crate::ports::store::Inbox::accept`], whoever or whatever wrote it.
    Message(Box<Inbound>),
    /// A mail server's word on a mail of ours, to be recorded by [`crate::ports::mail::MailReports`]; no customer wrote it.
    Report(DeliveryReport),
    /// A mail we sent, met again in the mailbox: nothing to do.
    Ours,
}

/// Why the bytes of a mail cannot be read. The transport keeps such a mail where it is, tells an operator, and goes on to the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableMail {
    /// Larger than the mailbox's `limits.max_bytes`.
    #[error("the mail has {bytes} bytes; at most {limit} are read")]
    TooLarge { bytes: usize, limit: usize },
    /// Not a mail at all, or nested beyond the limits.
    #[error("the mail cannot be read: {0}")]
    Malformed(&'static str),
}

/// Reads one mail. Pure: the same bytes give the same result, except for `received_at`, which is passed through.
///
/// The `provider_message_id` of a message is made of account, Message-ID and a digest of the content: fetching the same mail twice
/// is one message, while another mail under the same Message-ID is another one.
///
/// # Errors
/// [`UnreadableMail`]; no bytes make it panic.
pub fn read(raw: &[u8], mailbox: &Mailbox, received_at: Timestamp) -> Result<Incoming, UnreadableMail> {
    if raw.len() > mailbox.limits.max_bytes {
        return Err(UnreadableMail::TooLarge { bytes: raw.len(), limit: mailbox.limits.max_bytes });
    }
    // Parts within parts are freed one inside the other; each level needs a header of this name.
    if occurrences(raw, b"content-type") > mailbox.limits.max_parts {
        return Err(UnreadableMail::Malformed("it has too many parts"));
    }
    // The parser has panicked on broken nesting before: such a mail is unreadable, and the next one is read.
    std::panic::catch_unwind(AssertUnwindSafe(|| read_parsed(raw, mailbox, received_at)))
        .unwrap_or(Err(UnreadableMail::Malformed("its parts are broken")))
}

fn read_parsed(raw: &[u8], mailbox: &Mailbox, received_at: Timestamp) -> Result<Incoming, UnreadableMail> {
    let message = MessageParser::default()
        .parse(raw)
        .filter(|message| !message.headers().is_empty())
        .ok_or(UnreadableMail::Malformed("it has no headers"))?;
    if message.parts.len() > mailbox.limits.max_parts || depth(&message) > mailbox.limits.max_depth {
        return Err(UnreadableMail::Malformed("its parts are nested too deeply"));
    }
    if let Some(report) = reports::read(&message, mailbox) {
        return Ok(Incoming::Report(report));
    }
    let sender = headers::sender(&message);
    let own = sender.address.as_deref().is_some_and(|address| mailbox.is_own(address));
    if own && message.message_id().is_some_and(|id| signed_id::own_message(mailbox, id).is_some()) {
        return Ok(Incoming::Ours);
    }
    Ok(Incoming::Message(Box::new(inbound(&message, &sender, raw, mailbox, received_at))))
}

fn inbound(
    message: &Message<'_>,
    sender: &Sender,
    raw: &[u8],
    mailbox: &Mailbox,
    received_at: Timestamp,
) -> Inbound {
    let digest = headers::digest(message);
    let mail = headers::mail_headers(message, sender, mailbox, &digest);
    let body = body::read(message);
    let files = files::read(message, &body.used, &mailbox.limits);
    let subject = headers::one_line(message.subject().unwrap_or_default(), 500);
    let subject = Some(bare_subject(&subject).to_owned()).filter(|subject| !subject.is_empty());
    let held = held(message, sender, &body, &files);
    let html = shown_html(&body, &files);
    let (text, model_text) = texts(body, &files, subject.as_deref());
    Inbound {
        channel: Channel::Email,
        account: mailbox.account.clone(),
        provider_message_id: format!("{}/{}/{digest}", mailbox.account, mail.message_id),
        identifiers: vec![identifier(&mail, mailbox)],
        customer_name: sender.name.clone(),
        plan: None,
        subject,
        text,
        raw: raw.to_vec(),
        category: Category::General,
        priority: Priority::Medium,
        ticket: None,
        received_at,
        extras: Extras {
            model_text: Some(model_text),
            html,
            attachments: files.kept,
            automatic_mail: automatic::reason(message, sender, mailbox),
            acknowledgements_unwanted: automatic::wants_no_acknowledgement(message),
            held,
            mail: Some(mail),
        },
    }
}

/// Who wrote. A mail without a usable address is kept like any other, under a name that no mail can be sent to.
fn identifier(mail: &MailHeaders, mailbox: &Mailbox) -> Identifier {
    let value = if mail.from.is_empty() {
        format!("unknown-sender@{}.invalid", mailbox.domain())
    } else {
        mail.from.clone()
    };
    Identifier {
        kind: IdentifierKind::Email,
        value,
        verified: mail.authenticated == MailAuthentication::Pass,
    }
}

/// Why only a person may see to this mail.
fn held(message: &Message<'_>, sender: &Sender, body: &Body, files: &Files) -> Option<String> {
    if automatic::is_wordy_bounce(message, sender) {
        return Some("it tells of a failed delivery in words only".to_owned());
    }
    if sender.address.is_none() {
        return Some("it names no sender that could be answered".to_owned());
    }
    let only_files = body.model_text.is_empty() && !(files.kept.is_empty() && files.left_out.is_empty());
    only_files.then(|| "it has files but no text".to_owned())
}

fn shown_html(body: &Body, files: &Files) -> Option<String> {
    let html = body.html.as_deref().filter(|_| !body.html_too_deep)?;
    let pictures: HashSet<String> = files
        .kept
        .iter()
        .filter(|file| matches!(file.media_type.as_str(), "image/png" | "image/jpeg" | "image/gif" | "image/webp"))
        .filter_map(|file| file.content_id.clone())
        .collect();
    sanitised(html, &pictures).filter(|html| !html.trim().is_empty())
}

/// What people see, files that were left out included, and what the model reads. A mail without text speaks by its subject.
fn texts(body: Body, files: &Files, subject: Option<&str>) -> (String, String) {
    let Body { mut text, mut model_text, .. } = body;
    if model_text.is_empty() {
        model_text = subject.unwrap_or_default().to_owned();
    }
    if !files.left_out.is_empty() {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&format!("[Not kept: {}]", files.left_out.join("; ")));
    }
    (text, model_text)
}

/// How deep parts lie within parts, mails within mails included.
fn depth(message: &Message<'_>) -> usize {
    let mut deepest = 0;
    let mut open = vec![(message, 1usize)];
    while let Some((message, above)) = open.pop() {
        let mut depths = vec![above; message.parts.len()];
        for (place, part) in message.parts.iter().enumerate() {
            let here = depths[place];
            deepest = deepest.max(here);
            match &part.body {
                PartType::Multipart(children) => {
                    for child in children {
                        if let Some(depth) = depths.get_mut(*child as usize).filter(|_| *child as usize > place) {
                            *depth = here + 1;
                        }
                    }
                }
                PartType::Message(inner) => open.push((inner, here + 1)),
                _ => {}
            }
        }
    }
    deepest
}

fn occurrences(raw: &[u8], needle: &[u8]) -> usize {
    raw.windows(needle.len()).filter(|window| window.eq_ignore_ascii_case(needle)).count()
}
