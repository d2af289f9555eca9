//! Mail, from bytes to what the desk does with it and back.

mod composing;
mod loops;
mod properties;
mod reading;
mod spoofs;
mod turns;

use frontdesk::{
    channels::email::{MailLimits, Mailbox},
    domain::{
        channel::Channel,
        escalation::EscalationAssessment,
        ids::MessageId,
        message::Role,
        sentiment::Sentiment,
        triage::{InjectionScreen, Intent, MessageKind, Triage},
    },
    ports::store::NewReply,
};
use jiff::Timestamp;
use std::path::PathBuf;

/// The reply that mails in the fixtures answer.
pub const REPLY: &str = "019354e0-a000-7c3d-8e00-00000000000a";

pub fn mailbox() -> Mailbox {
    Mailbox {
        account: "support".to_owned(),
        address: "support@desk.example".to_owned(),
        display_name: "Desk Support".to_owned(),
        own_addresses: vec!["support@desk.example".to_owned(), "bounces@desk.example".to_owned()],
        authserv_id: Some("mx.desk.example".to_owned()),
        bounce_address: Some("bounces@desk.example".to_owned()),
        plus_addressing: true,
        secret: [7; 32],
        limits: MailLimits { max_attachment_bytes: 64 * 1024, ..MailLimits::default() },
    }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_793_600_000 + seconds).expect("a time")
}

pub fn fixtures() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/email")
}

pub fn fixture(path: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn triage(kind: MessageKind) -> Triage {
    Triage {
        kind,
        language: Some("en".to_owned()),
        language_served: true,
        sentiment: Sentiment { score: 0.0, confidence: 0.5 },
        intent: Intent::HowTo,
        injection: InjectionScreen { score: 0.0, flagged: false, evidence: Vec::new() },
        escalation: EscalationAssessment::none(),
    }
}

pub fn reply(message_id: MessageId, recipient: Option<String>, subject: &str, text: &str) -> NewReply {
    NewReply {
        message_id,
        role: Role::Assistant,
        channel: Channel::Email,
        recipient,
        subject: Some(subject.to_owned()),
        parts: vec![text.to_owned()],
        sources: Vec::new(),
        automatic: true,
    }
}
