//! No bytes stop the reader, and whatever is composed can be read.

use super::{at, composing::outbound, fixture, fixtures, mailbox};
use frontdesk::{
    channels::email::{
        incoming::{Incoming, read},
        outgoing::compose,
    },
    ports::delivery::OutboundMessage,
};
use proptest::prelude::*;

/// One change to a mail's bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(usize, u8),
    Remove(usize, usize),
    Repeat(usize, usize),
    Insert(usize, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let pieces = prop::sample::select(vec![
        "\r\n", "--b1\r\n", "--b1--\r\n", "=?utf-8?B?", "?=", "<", ">", "Content-Type: multipart/mixed; boundary=b1\r\n\r\n",
        "Content-Type: message/rfc822\r\n\r\n", "\u{1b}$B", "=3D=", "&#x0;", "<div style='", "(", "\"", ";", "\0",
    ]);
    let place = 0usize..20_000;
    prop_oneof![
        (place.clone(), any::<u8>()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (place.clone(), 1usize..200).prop_map(|(at, length)| Change::Remove(at, length)),
        (place.clone(), 1usize..200).prop_map(|(at, length)| Change::Repeat(at, length)),
        (place, pieces).prop_map(|(at, piece)| Change::Insert(at, piece)),
    ]
}

fn apply(mut raw: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let within = |at: usize| at % (raw.len() + 1);
        match change {
            Change::Set(at, byte) => {
                let at = within(*at);
                if let Some(place) = raw.get_mut(at) {
                    *place = *byte;
                }
            }
            Change::Remove(at, length) => {
                let (from, to) = (within(*at), (within(*at) + length).min(raw.len()));
                raw.drain(from..to);
            }
            Change::Repeat(at, length) => {
                let (from, to) = (within(*at), (within(*at) + length).min(raw.len()));
                let piece = raw[from..to].to_vec();
                raw.splice(from..from, piece);
            }
            Change::Insert(at, piece) => {
                let at = within(*at);
                raw.splice(at..at, piece.bytes());
            }
        }
    }
    raw
}

fn collection() -> Vec<String> {
    let folders = ["mails", "spoofs"].into_iter();
    let mut names: Vec<String> = folders
        .flat_map(|folder| {
            let files = std::fs::read_dir(fixtures().join(folder)).expect("a folder");
            files.map(move |file| format!("{folder}/{}", file.expect("a file").file_name().to_string_lossy()))
        })
        .collect();
    names.sort();
    names
}

proptest! {
    #[test]
    fn no_bytes_stop_the_reader(raw in prop::collection::vec(any::<u8>(), 0..3000)) {
        let _ = read(&raw, &mailbox(), at(0));
    }

    #[test]
    fn no_broken_mail_stops_the_reader_or_proves_anything(
        name in prop::sample::select(collection()),
        changes in prop::collection::vec(change(), 1..12),
    ) {
        let raw = apply(fixture(&name), &changes);
        if let Ok(Incoming::Message(inbound)) = read(&raw, &mailbox(), at(0)) {
            prop_assert!(inbound.text.chars().count() <= frontdesk::domain::inbound::MAX_TEXT_CHARS);
            prop_assert!(inbound.provider_message_id.len() <= 1000);
            let html = inbound.extras.html.unwrap_or_default().to_lowercase();
            prop_assert!(!html.contains("<script") && !html.contains("<form") && !html.contains("<svg"));
            for file in &inbound.extras.attachments {
                prop_assert!(!file.name.is_empty() && !file.name.contains(['/', '\\', '\0']));
            }
        }
    }

    #[test]
    fn composed_mail_is_read_as_it_was_written(
        subject in "\\PC{0,120}",
        paragraphs in prop::collection::vec("[^\\p{Cc}\\p{Cf}]{1,300}", 1..5),
    ) {
        let message = OutboundMessage {
            subject: Some(format!("Re: x{subject}")),
            parts: vec![paragraphs.join("\n\n")],
            ..outbound(true)
        };
        let mut reader = mailbox();
        reader.address = "ana@example.org".to_owned();
        reader.own_addresses.clear();
        reader.bounce_address = None;
        reader.secret = [1; 32];
        let composed = compose(&message, &mailbox()).expect("composed");
        let Ok(Incoming::Message(read)) = read(&composed.bytes, &reader, at(0)) else { panic!("a message") };
        let words = |text: &str| text.split(|c: char| c.is_whitespace()).filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
        let plain = |text: &str| words(&text.chars().filter(|c| !is_invisible(*c)).collect::<String>());
        prop_assert_eq!(words(&read.text), plain(&message.parts[0]));
        let mail = read.extras.mail.expect("headers");
        prop_assert_eq!(mail.message_id, composed.message_id);
        prop_assert_eq!(mail.references, message.references);
        prop_assert_eq!(mail.from, "support@desk.example");
        prop_assert!(read.extras.automatic_mail.is_some(), "another desk must not answer it");
    }
}

/// What no reader keeps, because it shows nothing.
fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
