//! Delivery reports (RFC 3464): a mail server's word on a mail of ours. Only what carries the mail it is about, with our own
//! signature in its id, is believed; a text that merely says "undeliverable" changes nothing.

use super::{Mailbox, automatic, headers, signed_id};
use crate::domain::mail::{DeliveryReport, ReportedStatus};
use mail_parser::{HeaderName, Message, MessageParser, MessagePart, MimeHeaders, PartType};

/// The report in a mail, when it is one on a mail of ours.
pub fn read(message: &Message<'_>, mailbox: &Mailbox) -> Option<DeliveryReport> {
    if !automatic::is_report(message) {
        return None;
    }
    let original = message.parts.iter().find_map(original_id)?;
    let message_id = signed_id::own_message(mailbox, &original)?;
    let (status, code) = message.parts.iter().find_map(status)?;
    Some(DeliveryReport { message_id, provider_message_id: original, status, code })
}

/// The Message-ID of the mail a report returns: whole (`message/rfc822`) or its headers alone (`text/rfc822-headers`).
fn original_id(part: &MessagePart<'_>) -> Option<String> {
    if let PartType::Message(returned) = &part.body {
        return returned.message_id().and_then(headers::usable_id);
    }
    let headers_only = part.is_content_type("text", "rfc822-headers")
        || part.is_content_type("message", "rfc822-headers")
        || part.is_content_type("message", "global-headers");
    if !headers_only {
        return None;
    }
    let returned = MessageParser::default().parse_headers(part.contents())?;
    let id = returned.header(HeaderName::MessageId)?.as_text()?;
    headers::usable_id(id)
}

/// The worst status of all recipients a report names.
fn status(part: &MessagePart<'_>) -> Option<(ReportedStatus, String)> {
    let machine_readable = part.is_content_type("message", "delivery-status")
        || part.is_content_type("message", "global-delivery-status");
    if !machine_readable {
        return None;
    }
    let text = String::from_utf8_lossy(part.contents());
    let field = |line: &str, name: &str| {
        let (found, value) = line.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then(|| value.trim().to_ascii_lowercase())
    };
    let codes = text.lines().filter_map(|line| field(line, "Status")).filter_map(|value| enhanced_code(&value));
    let worst = codes.max_by_key(|code| code.as_bytes().first().copied())?;
    let status = match worst.as_bytes().first() {
        Some(b'5') => ReportedStatus::Failed,
        Some(b'4') => {
            // Some servers report a temporary code when they give up: the action says so.
            let given_up = text.lines().filter_map(|line| field(line, "Action")).any(|action| action == "failed");
            if given_up { ReportedStatus::Failed } else { ReportedStatus::Delayed }
        }
        Some(b'2') => ReportedStatus::Delivered,
        _ => return None,
    };
    Some((status, worst))
}

/// `class.subject.detail` (RFC 3463) at the start of a value.
fn enhanced_code(value: &str) -> Option<String> {
    let code = value.split(|c: char| c.is_whitespace() || c == '(').next()?;
    let numbers: Vec<&str> = code.split('.').collect();
    let valid = numbers.len() == 3
        && matches!(numbers[0], "2" | "4" | "5")
        && numbers[1..].iter().all(|n| (1..=3).contains(&n.len()) && n.bytes().all(|byte| byte.is_ascii_digit()));
    valid.then(|| code.to_owned())
}
