//! The store's contract, run on a file and in memory alike, and what only a file can show.

mod accept;
mod channels;
mod conflicts;
mod console;
mod durability;
mod egress;
mod exemplars;
mod identity;
mod knowledge;
mod lifecycle;
mod limits;
mod mails;
mod order;
mod outbox;
mod queue;
mod schema;
mod space;
mod turns;

use super::{RetryPolicy, Store, StoreOptions};
use crate::domain::{
    channel::Channel,
    customer::{Identifier, IdentifierKind},
    escalation::{EscalationAssessment, EscalationCategory, HandOver, Route, Urgency},
    ids::{EscalationId, MessageId},
    inbound::{Accepted, Extras, Inbound},
    message::Role,
    progress::Stage,
    sentiment::Sentiment,
    ticket::{Category, Priority, TicketStatus},
    triage::{InjectionScreen, Intent, MessageKind, Triage},
};
use crate::ports::store::{Inbox, LeasedJob, NewReply, TurnOutcome, WorkQueue};
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicU64, Ordering};

pub const LEASE: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Memory,
    File,
}

/// A store that is gone with the test.
pub struct Fixture {
    pub store: Store,
    pub folder: tempfile::TempDir,
}

impl std::ops::Deref for Fixture {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

impl Fixture {
    pub fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("frontdesk.db")
    }

    /// One number straight from the tables, for what no port shows.
    pub async fn number(&self, sql: &'static str) -> i64 {
        self.store
            .read(move |connection| Ok(connection.query_row(sql, [], |row| row.get(0))?))
            .await
            .expect("a number")
    }

    pub async fn execute(&self, sql: &'static str) {
        self.store.write(move |connection| Ok(connection.execute_batch(sql)?)).await.expect("executed");
    }
}

pub fn options() -> StoreOptions {
    let retries = |max_attempts| RetryPolicy {
        max_attempts,
        first_delay: SignedDuration::from_secs(2),
        longest_delay: SignedDuration::from_secs(60),
    };
    StoreOptions { job_retries: retries(3), delivery_retries: retries(3), ..StoreOptions::default() }
}

pub fn open(kind: Kind) -> Fixture {
    open_with(kind, options())
}

pub fn open_with(kind: Kind, options: StoreOptions) -> Fixture {
    let folder = tempfile::tempdir().expect("a folder");
    let store = match kind {
        Kind::Memory => Store::open_in_memory(options),
        Kind::File => Store::open(&folder.path().join("frontdesk.db"), options),
    };
    Fixture { store: store.expect("a store"), folder }
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + seconds).expect("a time")
}

pub fn email(value: &str, verified: bool) -> Identifier {
    Identifier { kind: IdentifierKind::Email, value: value.to_owned(), verified }
}

pub fn phone(value: &str) -> Identifier {
    Identifier { kind: IdentifierKind::Phone, value: value.to_owned(), verified: true }
}

/// A message with a provider id nobody used yet.
pub fn inbound(channel: Channel, identifier: Identifier, text: &str) -> Inbound {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Inbound {
        channel,
        account: String::new(),
        provider_message_id: format!("provider-{}", NEXT.fetch_add(1, Ordering::Relaxed)),
        identifiers: vec![identifier],
        customer_name: Some("Ana Li".to_owned()),
        plan: None,
        subject: Some("Exporting a board".to_owned()),
        text: text.to_owned(),
        raw: format!("raw: {text}").into_bytes(),
        category: Category::General,
        priority: Priority::Medium,
        ticket: None,
        received_at: at(0),
        extras: Extras::default(),
    }
}

pub fn web(address: &str, text: &str) -> Inbound {
    inbound(Channel::Web, email(address, false), text)
}

pub fn mail(address: &str, text: &str) -> Inbound {
    inbound(Channel::Email, email(address, true), text)
}

pub fn triage(score: f32) -> Triage {
    Triage {
        kind: MessageKind::Request,
        language: Some("en".to_owned()),
        language_served: true,
        sentiment: Sentiment { score, confidence: 0.5 },
        intent: Intent::HowTo,
        injection: InjectionScreen { score: 0.0, flagged: false, evidence: Vec::new() },
        escalation: EscalationAssessment::none(),
    }
}

pub fn reply(text: &str) -> NewReply {
    NewReply {
        message_id: MessageId::new(),
        role: Role::Assistant,
        channel: Channel::Web,
        recipient: None,
        subject: None,
        parts: vec![text.to_owned()],
        sources: Vec::new(),
        automatic: true,
    }
}

/// The usual end of a turn: an answer sent.
pub fn answered(job: &LeasedJob, newest: MessageId, text: &str) -> TurnOutcome {
    TurnOutcome {
        ticket_id: job.ticket_id,
        newest_message_id: newest,
        triage: triage(0.2),
        draft: None,
        decision: "sent",
        reason: "well supported".to_owned(),
        reply: Some(reply(text)),
        escalation: None,
        ticket_status: TicketStatus::InProgress,
        stage: Stage::Answered,
        timings_ms: vec![("retrieve", 7)],
    }
}

pub fn hand_over(reason: &str) -> (EscalationId, HandOver, Route) {
    let hand_over = HandOver {
        category: EscalationCategory::Billing,
        urgency: Urgency::High,
        reason: reason.to_owned(),
        summary: "Wants a refund.".to_owned(),
        attempts: vec!["searched the articles".to_owned()],
        sentiment: Sentiment { score: -0.5, confidence: 0.9 },
        suggested_next_step: "Check the account.".to_owned(),
    };
    let route = Route {
        team: "Billing".to_owned(),
        mailbox: "billing@example.org".to_owned(),
        due_at: at(3600),
        promise: "within 1 hour".to_owned(),
    };
    (EscalationId::new(), hand_over, route)
}

pub fn escalated(job: &LeasedJob, newest: MessageId) -> TurnOutcome {
    TurnOutcome {
        decision: "escalated",
        escalation: Some(hand_over("billing.refund")),
        ticket_status: TicketStatus::Escalated,
        stage: Stage::WithAPerson,
        ..answered(job, newest, "A person has your message.")
    }
}

pub async fn accept(store: &Store, inbound: Inbound) -> Accepted {
    store.accept(inbound).await.expect("accepted")
}

pub async fn lease(store: &Store, seconds: i64) -> LeasedJob {
    store.lease_job(at(seconds), LEASE).await.expect("a working queue").expect("a job")
}

pub async fn nothing_to_lease(store: &Store, seconds: i64) {
    assert_eq!(store.lease_job(at(seconds), LEASE).await.expect("a working queue"), None);
}
