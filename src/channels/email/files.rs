//! The files of a mail: what they are is read from their bytes, and only so many of only such a size are kept. Nothing is unpacked.

use super::{MailLimits, headers::one_line, sanitised_html::content_id};
use crate::domain::attachment::Attachment;
use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

const MAX_NAME_CHARS: usize = 255;

/// The files kept, and a line for each that was not.
#[derive(Debug, Default)]
pub struct Files {
    pub kept: Vec<Attachment>,
    pub left_out: Vec<String>,
}

/// All parts that are not `used` as text are files: also pictures inside the text, whether or not it names them.
pub fn read(message: &Message<'_>, used: &[usize], limits: &MailLimits) -> Files {
    let mut files = Files::default();
    for (place, part) in message.parts.iter().enumerate().filter(|(place, _)| !used.contains(place)) {
        let Some(content) = content(part, message) else { continue };
        if content.is_empty() && part.attachment_name().is_none() {
            continue;
        }
        let media_type = media_type(part, content);
        let name = name(part, &media_type, place);
        let too_large = content.len() > limits.max_attachment_bytes;
        if too_large || files.kept.len() >= limits.max_attachments {
            let why = if too_large { "too large" } else { "too many files" };
            if files.left_out.len() < limits.max_attachments {
                files.left_out.push(format!("{name} ({}, {why})", size(content.len())));
            }
            continue;
        }
        let content_id = part.content_id().map(content_id).filter(|id| !id.is_empty());
        files.kept.push(Attachment { name, media_type, content_id, content: content.to_vec() });
    }
    files
}

fn content<'m>(part: &'m MessagePart<'_>, message: &'m Message<'_>) -> Option<&'m [u8]> {
    match &part.body {
        PartType::Multipart(_) => None,
        // A mail within the mail is kept as it came.
        PartType::Message(inner) => {
            let range = part.raw_body_offset() as usize..part.raw_end_offset() as usize;
            let encoded = !matches!(part.encoding, mail_parser::Encoding::None);
            if encoded { Some(inner.raw_message()) } else { message.raw_message().get(range) }
        }
        PartType::Text(text) | PartType::Html(text) => Some(text.as_bytes()),
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => Some(bytes.as_ref()),
    }
}

/// What the bytes are. Only for text does the sender's word count, and only among kinds that no browser runs.
fn media_type(part: &MessagePart<'_>, content: &[u8]) -> String {
    if part.is_message() {
        return "message/rfc822".to_owned();
    }
    // Outlook's own wrapping (MS-OXTNEF): its signature, lowest byte first.
    if content.starts_with(&[0x78, 0x9f, 0x3e, 0x22]) {
        return "application/vnd.ms-tnef".to_owned();
    }
    if let Some(kind) = infer::get(content) {
        return kind.mime_type().to_owned();
    }
    let Ok(text) = std::str::from_utf8(content) else { return "application/octet-stream".to_owned() };
    if text.contains('\0') {
        return "application/octet-stream".to_owned();
    }
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let head: String = start.chars().take(2000).collect::<String>().to_ascii_lowercase();
    if head.starts_with("begin:vcalendar") {
        "text/calendar"
    } else if head.starts_with("begin:vcard") {
        "text/vcard"
    } else if head.contains("<svg") {
        "image/svg+xml"
    } else if head.contains("<html") || head.contains("<!doctype html") || head.contains("<script") {
        "text/html"
    } else if head.starts_with("<?xml") {
        "text/xml"
    } else {
        let said = part.content_type().map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()));
        match said.as_deref().map(str::to_ascii_lowercase).as_deref() {
            Some("text/csv") => "text/csv",
            Some("application/json") => "application/json",
            Some("message/delivery-status") => "message/delivery-status",
            Some("text/rfc822-headers") => "text/rfc822-headers",
            _ => "text/plain",
        }
    }
    .to_owned()
}

/// The sender's name without folders and control characters, or one after the kind.
fn name(part: &MessagePart<'_>, media_type: &str, place: usize) -> String {
    let given = part.attachment_name().map(decoded).unwrap_or_default();
    let given = given.rsplit(['/', '\\', ':']).next().unwrap_or_default();
    let given: String = one_line(given, MAX_NAME_CHARS).trim_matches(['.', ' ']).to_owned();
    if !given.is_empty() {
        return given;
    }
    let subject = part.message().and_then(Message::subject).map(|subject| one_line(subject, 80).replace(['/', '\\', ':'], "-"));
    let stem = subject.filter(|subject| !subject.is_empty()).unwrap_or_else(|| format!("file-{place}"));
    format!("{stem}.{}", extension(media_type))
}

/// Names encoded as headers are (RFC 2047), which many programs put where RFC 2231 wants its own form.
fn decoded(name: &str) -> String {
    if !name.contains("=?") {
        return name.to_owned();
    }
    let header = format!("Subject: {}\r\n\r\n", name.replace(['\r', '\n'], " "));
    let parsed = mail_parser::MessageParser::default().parse_headers(header.as_bytes());
    parsed.and_then(|message| message.subject().map(str::to_owned)).unwrap_or_else(|| name.to_owned())
}

fn extension(media_type: &str) -> &'static str {
    match media_type {
        "message/rfc822" => "eml",
        "text/calendar" => "ics",
        "text/vcard" => "vcf",
        "text/csv" => "csv",
        "text/html" => "html",
        "text/xml" => "xml",
        "image/svg+xml" => "svg",
        "application/json" => "json",
        "application/pdf" => "pdf",
        "application/zip" => "zip",
        "application/vnd.ms-tnef" => "dat",
        "image/png" => "png",
        "image/jpeg" => "jpg",
        "image/gif" => "gif",
        "image/webp" => "webp",
        kind if kind.starts_with("text/") || kind.starts_with("message/") => "txt",
        _ => "bin",
    }
}

fn size(bytes: usize) -> String {
    if bytes >= 1024 * 1024 { format!("{} MiB", bytes / 1024 / 1024) } else { format!("{} KiB", bytes.div_ceil(1024)) }
}
