use super::*;
use crate::{
    domain::{
        channel::Channel,
        customer::{Identifier, IdentifierKind},
        ids::{MessageId, TicketId},
        inbound::{Accepted, Extras, Inbound},
        message::{DeliveryStatus, Role},
        progress::Stage,
        sentiment::Sentiment,
        ticket::{Category, Priority, TicketStatus},
        triage::{InjectionScreen, Intent, MessageKind, Triage},
    },
    pipeline::{DeskSettings, Routing},
    ports::store::{Inbox as _, NewReply, Reports as _, TurnOutcome, WorkQueue as _},
    store::{Store, StoreOptions},
};
use std::sync::Mutex;

const LEASE: SignedDuration = SignedDuration::from_secs(60);

/// A clock that tests set.
struct SetClock(Mutex<Timestamp>);

impl SetClock {
    fn set(&self, hours: i64) {
        *self.0.lock().expect("whole") = at(hours);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().expect("whole")
    }
}

struct Deaf;

impl TicketEvents for Deaf {
    fn publish(&self, _: TicketId, _: TicketEvent) {}
}

fn at(hours: i64) -> Timestamp {
    let start: Timestamp = "2026-11-23T09:00:00Z".parse().expect("a time");
    start + SignedDuration::from_hours(hours)
}

fn policy(name: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/policy").join(name);
    std::fs::read_to_string(path).expect("a policy")
}

fn keeper(store: &Store, clock: &Arc<SetClock>) -> Timekeeper {
    let desk = DeskSettings {
        company: "Desk".to_owned(),
        support_email: "support@desk.example".to_owned(),
        voice: toml::from_str(&policy("voice.toml")).expect("a voice"),
        routing: Routing::parse(&policy("routing.toml")).expect("a routing"),
        channels: vec![Channel::Web],
        hours: None,
    };
    Timekeeper {
        store: Arc::new(store.clone()),
        desk: LiveSettings::new(desk),
        settings: LifecycleConfig::default(),
        clock: clock.clone(),
        events: Arc::new(Deaf),
        watch: ClockWatch::default(),
    }
}

fn steady(hours: i64) -> Duration {
    Duration::from_hours(u64::try_from(hours).expect("forward"))
}

async fn accept(store: &Store, number: u32) -> Accepted {
    let identifier =
        Identifier { kind: IdentifierKind::Email, value: format!("c{number}@example.org"), verified: false };
    let inbound = Inbound {
        channel: Channel::Web,
        account: String::new(),
        provider_message_id: format!("message-{number}"),
        identifiers: vec![identifier],
        customer_name: None,
        plan: None,
        subject: Some("Exports".to_owned()),
        text: "How do I export my data?".to_owned(),
        raw: Vec::new(),
        category: Category::General,
        priority: Priority::Medium,
        ticket: None,
        received_at: at(0),
        extras: Extras::default(),
    };
    store.accept(inbound).await.expect("accepted")
}

/// Answers the oldest message and delivers the answer.
async fn answer(store: &Store) {
    let job = store.lease_job(at(0), LEASE).await.expect("a queue").expect("a job");
    let outcome = TurnOutcome {
        ticket_id: job.ticket_id,
        newest_message_id: job.message_id,
        triage: Triage {
            kind: MessageKind::Request,
            language: None,
            language_served: true,
            sentiment: Sentiment::NEUTRAL,
            intent: Intent::HowTo,
            injection: InjectionScreen { score: 0.0, flagged: false, evidence: Vec::new() },
            escalation: crate::domain::escalation::EscalationAssessment::none(),
        },
        draft: None,
        decision: "sent",
        reason: "well supported".to_owned(),
        reply: Some(NewReply {
            message_id: MessageId::new(),
            role: Role::Assistant,
            channel: Channel::Web,
            recipient: None,
            subject: None,
            parts: vec!["Like this.".to_owned()],
            sources: Vec::new(),
            automatic: true,
        }),
        escalation: None,
        ticket_status: TicketStatus::InProgress,
        stage: Stage::Answered,
        timings_ms: Vec::new(),
    };
    store.commit_turn(&job, outcome, at(0)).await.expect("committed");
    let delivery = store.lease_delivery(at(0), LEASE).await.expect("an outbox").expect("a reply");
    store.delivery_succeeded(&delivery, DeliveryStatus::Delivered, &[], at(0)).await.expect("delivered");
}

async fn status(store: &Store, accepted: &Accepted) -> TicketStatus {
    store.ticket(&accepted.reference).await.expect("read").expect("found").status
}

/// Ticks until nothing is due; the steps and the promises missed.
async fn settle(keeper: &mut Timekeeper, hours: i64) -> (usize, usize) {
    let (mut steps, mut missed) = (0, 0);
    loop {
        let ticked = keeper.tick(steady(hours)).await.expect("ticked");
        steps += ticked.steps;
        missed += ticked.missed;
        if ticked.steps == 0 {
            return (steps, missed);
        }
    }
}

#[tokio::test]
async fn an_answered_ticket_ends_by_itself_and_a_restart_repeats_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("frontdesk.db");
    let store = Store::open(&path, StoreOptions::default()).expect("a store");
    let clock = Arc::new(SetClock(Mutex::new(at(0))));
    let accepted = accept(&store, 1).await;
    answer(&store).await;
    let mut first = keeper(&store, &clock);
    assert_eq!(first.tick(steady(0)).await.expect("ticked").next_at, Some(at(72)), "it knows when to wake");
    clock.set(71);
    assert_eq!(settle(&mut first, 71).await, (0, 0));
    store.close().await;

    let store = Store::open(&path, StoreOptions::default()).expect("a store");
    let mut second = keeper(&store, &clock);
    clock.set(73);
    assert_eq!(settle(&mut second, 0).await, (1, 0));
    assert_eq!(status(&store, &accepted).await, TicketStatus::Resolved);
    assert_eq!(settle(&mut second, 0).await, (0, 0), "once");
    clock.set(73 + 168);
    assert_eq!(settle(&mut second, 168).await, (1, 0));
    assert_eq!(status(&store, &accepted).await, TicketStatus::Closed);
}

#[tokio::test]
async fn whoever_waits_too_long_gets_a_person_and_the_promise_is_followed_up_once_a_stage() {
    let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
    let clock = Arc::new(SetClock(Mutex::new(at(0))));
    let accepted = accept(&store, 1).await;
    let mut keeper = keeper(&store, &clock);
    let mut seen = Vec::new();
    for hour in [0, 23, 24, 26, 27, 28, 31, 32, 50] {
        clock.set(hour);
        let (steps, missed) = settle(&mut keeper, hour).await;
        if steps > 0 {
            seen.push((hour, steps, missed));
        }
    }
    assert_eq!(
        seen,
        [(24, 1, 1), (27, 1, 0), (28, 1, 1), (32, 1, 1)],
        "handed over after a day, reminded, missed after four hours, missed by as long again"
    );
    assert_eq!(status(&store, &accepted).await, TicketStatus::Escalated);
}

#[tokio::test]
async fn a_clock_put_a_day_ahead_sets_off_no_storm_and_put_back_nothing_twice() {
    let store = Store::open_in_memory(StoreOptions::default()).expect("a store");
    let clock = Arc::new(SetClock(Mutex::new(at(0))));
    for number in 0..20 {
        accept(&store, number).await;
    }
    let mut keeper = keeper(&store, &clock);
    assert_eq!(settle(&mut keeper, 0).await, (0, 0));
    clock.set(30);
    assert_eq!(settle(&mut keeper, 0).await, (0, 0), "nobody's promise is over: the clock is wrong");
    clock.set(0);
    assert_eq!(settle(&mut keeper, 0).await, (0, 0));
    clock.set(25);
    assert_eq!(settle(&mut keeper, 25).await, (20, 20), "a day went by in truth");
    clock.set(24);
    assert_eq!(settle(&mut keeper, 26).await, (0, 0), "put back");
    clock.set(25);
    assert_eq!(settle(&mut keeper, 27).await, (0, 0), "nothing is done twice");
}
