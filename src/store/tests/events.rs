//! What other systems are told: with the change or not at all, in the documented form, and without a customer's words.

use super::*;
use crate::domain::{
    event::{Announcements, DeadLetterEvent, Event, EventBody, EventKind, GivenUp},
    notification::NotificationWay,
};
use crate::ports::{
    event_outbox::{EventOutbox, PendingEvent},
    notifications::{Notifications, NotifyError},
    store::AfterFailure,
};
use regex::Regex;
use rstest::rstest;
use serde_json::Value;

const SECRET_WORDS: &str = "my card number is 4111 1111 1111 1111";

/// As much of JSON Schema as the shipped ones use; a keyword it does not know fails.
fn check(schema: &Value, value: &Value, at: &str) {
    for (keyword, wanted) in schema.as_object().expect("a schema") {
        let number = || value.as_f64().unwrap_or_else(|| panic!("{at}: {value} is no number"));
        let text = || value.as_str().unwrap_or_else(|| panic!("{at}: {value} is no text"));
        match keyword.as_str() {
            "$schema" | "title" | "description" | "format" | "properties" => {}
            "type" => {
                let fits = match wanted.as_str().expect("a type") {
                    "object" => value.is_object(),
                    "string" => value.is_string(),
                    "integer" => value.is_i64() || value.is_u64(),
                    "number" => value.is_number(),
                    "boolean" => value.is_boolean(),
                    other => panic!("{at}: unknown type {other}"),
                };
                assert!(fits, "{at}: {value} is no {wanted}");
            }
            "const" => assert_eq!(value, wanted, "{at}"),
            "enum" => assert!(wanted.as_array().expect("a list").contains(value), "{at}: {value}"),
            "minimum" => assert!(number() >= wanted.as_f64().expect("a number"), "{at}: {value}"),
            "maximum" => assert!(number() <= wanted.as_f64().expect("a number"), "{at}: {value}"),
            "minLength" => {
                assert!(text().chars().count() as u64 >= wanted.as_u64().expect("a number"), "{at}")
            }
            "maxLength" => {
                assert!(text().chars().count() as u64 <= wanted.as_u64().expect("a number"), "{at}")
            }
            "pattern" => {
                let pattern = Regex::new(wanted.as_str().expect("a pattern")).expect("a pattern");
                assert!(pattern.is_match(text()), "{at}: {value}");
            }
            "required" => {
                for name in wanted.as_array().expect("a list") {
                    assert!(value.get(name.as_str().expect("a name")).is_some(), "{at}: {name} is missing");
                }
            }
            "additionalProperties" => {
                for (name, inner) in value.as_object().expect("an object") {
                    match schema.get("properties").and_then(|properties| properties.get(name)) {
                        Some(property) => check(property, inner, &format!("{at}.{name}")),
                        None if wanted.is_object() => check(wanted, inner, &format!("{at}.{name}")),
                        None => panic!("{at}: {name} is not described"),
                    }
                }
            }
            other => panic!("{at}: unknown keyword {other}"),
        }
    }
}

fn schema(kind: EventKind) -> Value {
    let text = match kind {
        EventKind::MessageReceived => include_str!("../../../assets/events/message-received.json"),
        EventKind::EscalationRaised => include_str!("../../../assets/events/escalation-raised.json"),
        EventKind::TurnFinished => include_str!("../../../assets/events/turn-finished.json"),
        EventKind::DeadLetter => include_str!("../../../assets/events/dead-letter.json"),
    };
    serde_json::from_str(text).expect("a schema")
}

async fn telling(announcements: Announcements) -> Fixture {
    let store = open(Kind::File);
    store.announce(announcements, at(0)).await.expect("announced");
    store
}

async fn pending(store: &Store) -> Vec<PendingEvent> {
    store.pending_events(100).await.expect("read")
}

fn kinds(events: &[PendingEvent]) -> Vec<EventKind> {
    events.iter().map(|event| event.kind).collect()
}

/// Every kind of event once, from real changes.
async fn every_kind(store: &Fixture) {
    let accepted = accept(store, web("ana@example.org", SECRET_WORDS)).await;
    let job = lease(store, 0).await;
    store.commit_turn(&job, escalated(&job, accepted.message_id), at(1)).await.expect("committed");
    accept(store, web("bo@example.org", "How do I export my data?")).await;
    for attempt in 0..3 {
        let job = lease(store, 1_000 * (attempt + 1)).await;
        store.fail_job(&job, SECRET_WORDS, at(1_000 * (attempt + 1))).await.expect("failed");
    }
    let refused = EventBody::DeadLetter(DeadLetterEvent {
        work: GivenUp::DeviceMessage,
        ticket: None,
        attempts: None,
        reason: "unreadable".to_owned(),
        detail: Some("it is no JSON".to_owned()),
        bytes: Some(5),
        sha256: Some("ab".repeat(32)),
    });
    store.record_event(Event::new(refused, at(9_000))).await.expect("recorded");
}

#[rstest]
#[case::silent(false)]
#[case::with_texts(true)]
#[tokio::test]
async fn real_events_have_the_documented_form_and_keep_words_to_themselves(#[case] include_text: bool) {
    let store = telling(Announcements { events: true, include_text, ..Announcements::default() }).await;
    every_kind(&store).await;
    let events = pending(&store).await;
    for kind in EventKind::ALL {
        assert!(kinds(&events).contains(kind), "no {} was written", kind.as_str());
    }
    for event in &events {
        let payload: Value = serde_json::from_str(&event.payload).expect("JSON");
        assert_eq!(payload["event_id"], event.id.to_string());
        check(&schema(event.kind), &payload, event.kind.as_str());
        let leaks = ["4111", "ana@", "Ana Li", "Exporting a board", "billing.refund"];
        for leak in leaks {
            assert!(include_text || !event.payload.contains(leak), "{leak} in {}", event.payload);
        }
    }
    let texts = events.iter().filter(|event| event.payload.contains("4111")).count();
    assert_eq!(texts > 0, include_text, "texts travel where the owner said so, and only there");
}

#[tokio::test]
async fn without_a_broker_nothing_is_written() {
    let store = open(Kind::File);
    every_kind(&store).await;
    assert_eq!(pending(&store).await, []);
}

#[tokio::test]
async fn an_event_stands_or_falls_with_its_change() {
    let store = telling(Announcements { events: true, ..Announcements::default() }).await;
    let first = web("ana@example.org", "How do I export?");
    let accepted = accept(&store, first.clone()).await;
    accept(&store, first).await;
    assert_eq!(kinds(&pending(&store).await), [EventKind::MessageReceived], "a repeat is no event");
    let job = lease(&store, 0).await;
    let mut overtaken = escalated(&job, accepted.message_id);
    overtaken.newest_message_id = MessageId::new();
    store.commit_turn(&job, overtaken, at(1)).await.expect_err("its ground moved");
    assert_eq!(pending(&store).await.len(), 1, "a turn that was refused tells of no escalation");
}

#[tokio::test]
async fn events_are_read_in_order_until_the_broker_has_them_and_go_with_their_ticket() {
    let store = telling(Announcements { events: true, ..Announcements::default() }).await;
    for address in ["a@example.org", "b@example.org", "c@example.org"] {
        accept(&store, web(address, "How do I export?")).await;
    }
    let events = pending(&store).await;
    assert!(events.is_sorted_by_key(|event| event.sequence) && events.len() == 3);
    store.events_published(vec![events[1].sequence], at(5)).await.expect("marked");
    let left: Vec<_> = pending(&store).await.iter().map(|event| event.sequence).collect();
    assert_eq!(left, [events[0].sequence, events[2].sequence]);
    assert_eq!(store.forget_events(at(5), at(0)).await.expect("tidied"), 0, "too young");
    assert_eq!(store.forget_events(at(6), at(0)).await.expect("tidied"), 1, "only what was published");
    store.execute("DELETE FROM customers").await;
    assert_eq!(store.number("SELECT count(*) FROM events").await, 0, "an erased person leaves no event");
}

async fn noted(ways: Announcements) -> (Fixture, crate::domain::notification::Notification) {
    let store = telling(ways).await;
    let accepted = accept(&store, web("ana@example.org", SECRET_WORDS)).await;
    let job = lease(&store, 0).await;
    store.commit_turn(&job, escalated(&job, accepted.message_id), at(1)).await.expect("committed");
    let note = store.lease_notification(at(2), LEASE).await.expect("read").expect("a note");
    (store, note)
}

#[tokio::test]
async fn a_hand_over_queues_a_note_to_its_team_that_is_tried_again() {
    let mail = Announcements { mail: true, ..Announcements::default() };
    let (store, note) = noted(mail).await;
    assert_eq!((note.way, note.recipient.as_str()), (NotificationWay::Mail, "billing@example.org"));
    assert_eq!((note.escalation.reason.clone(), note.attempt), (None, 1));
    assert!(store.lease_notification(at(2), LEASE).await.expect("read").is_none(), "it is leased");
    let again = NotifyError::Retryable { reason: "503".to_owned(), retry_after_ms: Some(30_000) };
    let after = store.notification_failed(&note, &again, at(2)).await.expect("recorded");
    assert!(matches!(after, AfterFailure::RetryAt(due) if due >= at(32)), "{after:?}");
    let note = store.lease_notification(at(120), LEASE).await.expect("read").expect("due again");
    assert_eq!(note.attempt, 2);
    store.notification_sent(&note, at(121)).await.expect("recorded");
    assert_eq!(store.number("SELECT count(*) FROM escalations WHERE notified_at IS NOT NULL").await, 1);
    assert!(store.lease_notification(at(9_999), LEASE).await.expect("read").is_none(), "it is done");
}

#[tokio::test]
async fn a_team_that_cannot_be_told_shows_on_the_ticket() {
    let (store, note) =
        noted(Announcements { webhook: true, events: true, ..Announcements::default() }).await;
    let never = NotifyError::Permanent { reason: "the webhook answered 401".to_owned() };
    let after = store.notification_failed(&note, &never, at(3)).await.expect("recorded");
    assert_eq!(after, AfterFailure::DeadLetter);
    let told =
        "SELECT count(*) FROM notes WHERE author = 'Frontdesk' AND text LIKE '%ESC-%by the webhook%401%'";
    assert_eq!(store.number(told).await, 1, "operators see it on the ticket");
    assert!(kinds(&pending(&store).await).contains(&EventKind::DeadLetter));
}

#[tokio::test]
async fn a_draft_that_waits_is_a_note_only_by_choice() {
    for approvals in [false, true] {
        let store = telling(Announcements { webhook: true, approvals, ..Announcements::default() }).await;
        let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
        let job = lease(&store, 0).await;
        let mut held = escalated(&job, accepted.message_id);
        held.decision = "held";
        held.ticket_status = TicketStatus::InProgress;
        store.commit_turn(&job, held, at(1)).await.expect("committed");
        let note = store.lease_notification(at(2), LEASE).await.expect("read");
        assert_eq!(note.is_some(), approvals);
    }
}
