//! The text of a mail: which part is shown, in which letters, and what of it the model reads.

use super::{quotes, visible_text::visible_text};
use crate::domain::inbound::MAX_TEXT_CHARS;
use mail_parser::{
    Encoding, Message, MessagePart, MimeHeaders, PartType,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

/// Longer texts are shown whole to people; the model reads their beginning and end.
const MODEL_CHARS: usize = 10_000;
const MODEL_HEAD: usize = 2_000;
const MODEL_TAIL: usize = 1_000;

/// The texts of a mail.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// What a reader would see, quotes and signature included.
    pub text: String,
    /// Without quotes and signature.
    pub model_text: String,
    /// The HTML as it came, joined when there are several parts.
    pub html: Option<String>,
    /// Nested so deeply that it is not shown.
    pub html_too_deep: bool,
    /// Places of the parts used, so that they are not kept as files too.
    pub used: Vec<usize>,
}

pub fn read(message: &Message<'_>) -> Body {
    let mut body = Body::default();
    let (mut plain, mut html) = (Vec::new(), Vec::new());
    for (place, part) in message.parts.iter().enumerate() {
        let number = place as u32;
        let shown = message.text_body.contains(&number) || message.html_body.contains(&number);
        match &part.body {
            PartType::Text(decoded) if shown => plain.push((place, letters(part, decoded, message))),
            PartType::Html(decoded) if shown => html.push((place, letters(part, decoded, message))),
            _ => {}
        }
    }
    body.used = plain.iter().chain(&html).map(|(place, _)| *place).collect();
    let written = |parts: &[(usize, String)]| {
        parts.iter().map(|(_, text)| text.trim_end()).collect::<Vec<_>>().join("\n\n").trim().to_owned()
    };
    let plain = written(&plain).replace("\r\n", "\n");
    if !html.is_empty() {
        body.html = Some(written(&html));
    }
    let seen = body.html.as_deref().map(visible_text);
    body.html_too_deep = seen.as_ref().is_some_and(|seen| seen.too_deep);
    let seen = seen.map(|seen| seen.text).unwrap_or_default();
    // Some programs put nothing, or only a hint, into the plain part.
    let hint = plain.chars().count() * 5 < seen.chars().count();
    let text = without_invisible(if hint { &seen } else { &plain });
    body.model_text = for_the_model(&quotes::own_words(&text));
    body.text = cut(&text);
    body
}

/// Text that was read under a wrong label, or under none, is read anew from its bytes: as UTF-8, as what its escapes say, else as
/// the commonest old code page. Every byte has a meaning there, so this never fails.
fn letters(part: &MessagePart<'_>, decoded: &str, message: &Message<'_>) -> String {
    let declared = part.content_type().and_then(|kind| kind.attribute("charset")).map(str::to_ascii_lowercase);
    let labelled_7_bit = declared.as_deref().is_none_or(|label| matches!(label, "us-ascii" | "ascii" | "iso-8859-1"));
    let escapes = decoded.contains("\u{1b}$") || decoded.contains("\u{1b}(");
    if !decoded.contains(char::REPLACEMENT_CHARACTER) && !escapes && !labelled_7_bit {
        return decoded.to_owned();
    }
    let raw = message.raw_message();
    let raw = raw.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::Base64 => base64_decode(raw),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
    };
    let Some(bytes) = bytes.filter(|bytes| !bytes.is_empty()) else { return decoded.to_owned() };
    if bytes.is_ascii() && !bytes.contains(&0x1b) {
        return decoded.to_owned();
    }
    if bytes.windows(2).any(|pair| pair == b"\x1b$" || pair == b"\x1b(") {
        return encoding_rs::ISO_2022_JP.decode_without_bom_handling(&bytes).0.into_owned();
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned(),
    }
}

/// Without characters that take no room on the screen, turn the direction of what stands around them, or control a terminal.
pub fn without_invisible(text: &str) -> String {
    let invisible = |c: char| {
        matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
            || (c.is_control() && !matches!(c, '\n' | '\t'))
    };
    text.replace("\r\n", "\n").replace('\r', "\n").chars().filter(|c| !invisible(*c)).collect()
}

fn for_the_model(text: &str) -> String {
    let length = text.chars().count();
    if length <= MODEL_CHARS {
        return text.to_owned();
    }
    let head: String = text.chars().take(MODEL_HEAD).collect();
    let tail: String = text.chars().skip(length - MODEL_TAIL).collect();
    format!("{head}\n[…]\n{tail}")
}

/// As much as is stored; the whole mail stays in the raw copy.
fn cut(text: &str) -> String {
    const NOTE: &str = "\n[The rest is in the original mail.]";
    if text.chars().nth(MAX_TEXT_CHARS - 2_000).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MAX_TEXT_CHARS - 2_000 - NOTE.len()).collect();
    kept + NOTE
}
