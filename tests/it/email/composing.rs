//! What leaves as mail: stable bytes, true marks, and a text any program reads.

use super::{REPLY, at, mailbox};
use frontdesk::{
    channels::email::{
        incoming::{Incoming, read},
        outgoing::{CannotCompose, compose},
        signed_id,
    },
    domain::ids::{MessageId, OutboxId, TicketId},
    ports::delivery::OutboundMessage,
};
use rstest::rstest;

pub fn outbound(automatic: bool) -> OutboundMessage {
    let message_id: MessageId = REPLY.parse().expect("an id");
    OutboundMessage {
        outbox_id: OutboxId::new(),
        message_id,
        ticket_id: TicketId::new(),
        account: "support".to_owned(),
        idempotency_key: message_id.to_string(),
        recipient: Some("ana@example.org".to_owned()),
        subject: Some("Re: Größe der Tafel [TF-20261102-7QK2]".to_owned()),
        parts: vec!["Hello Ána,\n\nDo this:\n- Open the menu\n- Choose Export\n\nSee https://help.example/export.\n\nDesk Support".to_owned()],
        automatic,
        last_inbound_at: Some(at(0)),
        references: vec!["q1@example.org".to_owned(), "q2@example.org".to_owned()],
    }
}

fn text(message: &OutboundMessage) -> String {
    String::from_utf8(compose(message, &mailbox()).expect("composed").bytes).expect("ASCII")
}

#[test]
fn an_automatic_reply_looks_like_this() {
    insta::assert_snapshot!(text(&outbound(true)).replace("\r\n", "\n"));
}

#[test]
fn an_approved_reply_looks_like_this() {
    let message = OutboundMessage { references: Vec::new(), ..outbound(false) };
    let mut plain = mailbox();
    plain.plus_addressing = false;
    plain.bounce_address = None;
    let composed = compose(&message, &plain).expect("composed");
    assert_eq!(composed.envelope_sender, "support@desk.example");
    insta::assert_snapshot!(String::from_utf8(composed.bytes).expect("ASCII").replace("\r\n", "\n"));
}

#[test]
fn every_attempt_sends_the_same_bytes() {
    let first = compose(&outbound(true), &mailbox()).expect("composed");
    let again = OutboundMessage { outbox_id: OutboxId::new(), ..outbound(true) };
    assert_eq!(compose(&again, &mailbox()).expect("composed"), first);
    assert_eq!(first.envelope_sender, "bounces@desk.example");
    assert_eq!(first.envelope_recipient, "ana@example.org");
    assert!(first.bytes.is_ascii() && !first.bytes.windows(2).any(|pair| pair[0] != b'\r' && pair[1] == b'\n'));
}

#[test]
fn our_own_mail_is_known_again_and_nobody_elses() {
    let composed = compose(&outbound(true), &mailbox()).expect("composed");
    assert_eq!(read(&composed.bytes, &mailbox(), at(0)), Ok(Incoming::Ours));
    assert_eq!(signed_id::own_message(&mailbox(), &composed.message_id), Some(outbound(true).message_id));
    let mut other = mailbox();
    other.secret = [8; 32];
    assert_eq!(signed_id::own_message(&other, &composed.message_id), None);
    assert!(!format!("{:?}", mailbox()).contains('7'), "the secret shows nowhere");
}

#[test]
fn an_answer_to_our_mail_names_the_message_it_answers() {
    let composed = compose(&outbound(true), &mailbox()).expect("composed");
    let reply_to = signed_id::reply_address(&mailbox(), outbound(true).message_id).expect("room for a tag");
    let by_id = format!("From: ana@example.org\r\nReferences: <{}>\r\n\r\nYes.", composed.message_id);
    let by_address = format!("From: ana@example.org\r\nTo: {reply_to}\r\n\r\nYes.");
    for raw in [by_id, by_address] {
        let Ok(Incoming::Message(inbound)) = read(raw.as_bytes(), &mailbox(), at(0)) else { panic!("a message") };
        assert_eq!(inbound.extras.mail.expect("headers").answers, [outbound(true).message_id], "{raw}");
    }
}

#[rstest]
#[case::header_of_its_own("Hello\r\nBcc: eve@evil.example", "Hello Bcc: eve@evil.example")]
#[case::line_feed("Hello\nX: y", "Hello X: y")]
#[case::only_blanks(" \r\n ", "")]
fn no_subject_adds_a_header(#[case] subject: &str, #[case] expected: &str) {
    let message = OutboundMessage { subject: Some(subject.to_owned()), ..outbound(true) };
    let text = text(&message);
    let parsed = mail_parser::MessageParser::default().parse(text.as_bytes()).expect("a mail");
    assert_eq!(parsed.subject().unwrap_or_default(), expected);
    assert!(parsed.bcc().is_none() && parsed.header("X").is_none());
}

#[test]
fn a_long_thread_keeps_its_first_and_newest_ids_on_short_lines() {
    let references = (0..200).map(|number| format!("{number}.{}@example.org", "x".repeat(60))).collect();
    let text = text(&OutboundMessage { references, ..outbound(true) });
    assert!(text.lines().all(|line| line.len() <= 998), "lines are folded");
    let parsed = mail_parser::MessageParser::default().parse(text.as_bytes()).expect("a mail");
    let ids = parsed.references().as_text_list().expect("a list");
    assert_eq!(ids.len(), 30);
    assert!(ids[0].starts_with("0.") && ids[29].starts_with("199."));
}

#[rstest]
#[case(None, CannotCompose::NoRecipient)]
#[case(Some("no address"), CannotCompose::BadRecipient)]
#[case(Some("ana@example.org>\r\nRCPT TO:<eve@evil.example"), CannotCompose::BadRecipient)]
#[case(Some("support@desk.example"), CannotCompose::ToOurselves)]
#[case(Some("support+tag@desk.example"), CannotCompose::ToOurselves)]
fn what_cannot_be_addressed_is_refused(#[case] recipient: Option<&str>, #[case] expected: CannotCompose) {
    let message = OutboundMessage { recipient: recipient.map(str::to_owned), ..outbound(true) };
    assert_eq!(compose(&message, &mailbox()), Err(expected));
}
