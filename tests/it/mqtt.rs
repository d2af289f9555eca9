//! The broker from the outside: the real program against a real Mosquitto.

use crate::support::{
    TestBox, form,
    mosquitto::{Client, Message, Mosquitto},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const BASE: &str = "frontdesk/test/v1";
const QUESTION: &str = "How do I export my data from the workspace?";

fn on(path: &str) -> String {
    format!("{BASE}/{path}")
}

/// Events by id; a repeat must be the same to the byte.
fn by_id(messages: &[Message]) -> BTreeMap<String, Value> {
    let mut found: BTreeMap<String, Value> = BTreeMap::new();
    for message in messages {
        let event = message.json();
        let id = event["event_id"].as_str().expect("an id").to_owned();
        if let Some(before) = found.insert(id, event.clone()) {
            assert_eq!(before, event, "a repeat differs");
        }
    }
    found
}

async fn until_tickets(client: &mut Client, topic: &str, tickets: &BTreeSet<String>) {
    let missing = |client: &Client| {
        let seen: BTreeSet<String> = client
            .on(topic)
            .iter()
            .map(|m| m.json()["ticket"].as_str().unwrap_or_default().to_owned())
            .collect();
        tickets.difference(&seen).count()
    };
    while missing(client) > 0 {
        client.wait_for(topic, |message| message.topic == topic).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_is_killed_mid_stream_loses_no_event_and_repeats_carry_the_same_id() {
    let broker = Mosquitto::start();
    let mut watcher = broker.client("watcher", &[&on("#"), "homeassistant/#"]).await;
    let test_box = broker.connect(TestBox::without_models(), "box");
    let server = test_box.serve();
    let status = on("status");
    watcher.wait_for("online", |message| message.topic == status && message.payload == "online").await;

    let mut tickets = BTreeSet::new();
    for number in 0..30 {
        if number == 8 || number == 20 {
            broker.kill();
        }
        if number == 12 || number == 24 {
            broker.run();
        }
        let submitted =
            server.submit(&form(&format!("ana{number}@example.org"), "Export", QUESTION), None).await;
        tickets.insert(submitted.reference);
    }
    for topic in ["tickets/incoming", "channels/web/inbound", "metrics"] {
        until_tickets(&mut watcher, &on(topic), &tickets).await;
    }
    let incoming = by_id(watcher.on(&on("tickets/incoming")));
    assert_eq!(incoming.len(), tickets.len(), "each message is one event, however often it was sent");
    assert_eq!(by_id(watcher.on(&on("channels/web/inbound"))), incoming, "one event on both topics");
    for event in incoming.values() {
        assert_eq!((&event["event"], &event["new_ticket"]), (&json!("message_received"), &json!(true)));
        assert!(event.get("text").is_none() && event.get("subject").is_none(), "{event}");
    }

    let figures = on("status/figures");
    let all_open = |message: &Message| message.topic == figures && message.json()["open_tickets"] == 30;
    if !watcher.on(&figures).iter().any(all_open) {
        watcher.wait_for("figures", all_open).await;
    }
    let described = watcher.on("homeassistant/sensor/frontdesk_test_open_tickets/config");
    assert_eq!(described.last().map(|sensor| sensor.json()["state_topic"].clone()), Some(json!(figures)));
    server.kill();
    watcher
        .wait_for("the last will", |message| message.topic == status && message.payload == "offline")
        .await;
    let mut late = broker.client("watcher", &[&status]).await;
    let kept = late.wait_for("the status", |message| message.topic == status).await;
    assert_eq!((kept.payload.as_str(), kept.retained), ("offline", true), "who comes later learns it, too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_serves_without_its_broker_says_so_and_tells_everything_later() {
    let broker = Mosquitto::prepare();
    let test_box = broker.connect(TestBox::without_models(), "box");
    let server = test_box.serve();
    let failing = server.wait_for_link("mqtt", "failing").await;
    assert!(
        failing["reason"].as_str().is_some_and(|reason| reason.contains("cannot be reached")),
        "{failing}"
    );
    let refund = form(
        "ana@example.org",
        "Refund",
        "I was charged twice and want my money back, please refund me now.",
    );
    let submitted = server.submit(&refund, None).await;
    server.wait_for_replies(&submitted, 1).await;
    assert_eq!(server.get("/health/ready").await.0, 200, "a broker that is away makes the box no less ready");

    broker.run();
    let escalations = on("escalations");
    let mut watcher = broker.client("watcher", &[&escalations]).await;
    server.wait_for_link("mqtt", "ok").await;
    let event = watcher.wait_for("the escalation", |message| message.topic == escalations).await.json();
    assert_eq!(event["ticket"], submitted.reference);
    assert_eq!(event["category"], "billing");
    assert!(event.get("summary").is_none(), "{event}");
    assert!(server.terminate().success());
    // What left stands in the ledger, and the ledger is whole.
    let ledger = test_box.run(&["egress", "list"]).expect("listed");
    assert!(ledger.contains("broker"), "{ledger}");
    test_box.run(&["egress", "verify"]).expect("whole");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_or_a_right_that_is_missing_is_named() {
    let broker = Mosquitto::start();
    let stranger = broker.connect(TestBox::without_models(), "box").set("mqtt.password", "wrong");
    let server = stranger.serve();
    let failing = server.wait_for_link("mqtt", "failing").await;
    assert!(failing["reason"].as_str().is_some_and(|reason| reason.contains("mqtt.password")), "{failing}");
    // A kiosk's account may not tell events: they are kept, and the box says what the broker refuses.
    let restricted = broker.connect(TestBox::without_models(), "kiosk");
    let server = restricted.serve();
    server.submit(&form("ana@example.org", "Export", QUESTION), None).await;
    let failing = server.wait_for_link("mqtt_events", "failing").await;
    assert!(failing["reason"].as_str().is_some_and(|reason| reason.contains("access list")), "{failing}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kiosk_opens_a_ticket_once_and_what_cannot_be_read_is_a_dead_letter() {
    let broker = Mosquitto::start();
    let mut watcher = broker.client("watcher", &[&on("dead-letter"), &on("status")]).await;
    let test_box = broker.connect(TestBox::without_models(), "box");
    let server = test_box.serve();
    let (status, answers, create) = (on("status"), on("devices/kiosk-3/answers"), on("tickets/create"));
    watcher.wait_for("online", |message| message.topic == status && message.payload == "online").await;
    let mut kiosk = broker.client("kiosk", &[&answers]).await;
    let message = json!({ "event_id": "0192-kiosk-0001", "device": "kiosk-3", "name": "Ana Li",
        "email": "ana@example.org", "subject": "Export", "message": QUESTION })
    .to_string();
    let mut tickets = BTreeSet::new();
    for duplicate in [false, true] {
        kiosk.publish(&create, &message, Some(&answers)).await;
        let answer = kiosk.wait_for("an answer", |message| message.topic == answers).await.json();
        assert_eq!(
            (&answer["status"], &answer["duplicate"]),
            (&json!("received"), &json!(duplicate)),
            "{answer}"
        );
        tickets.insert(answer["ticket"].as_str().expect("a ticket").to_owned());
    }
    assert_eq!(tickets.len(), 1, "the same event id is the same ticket");
    let reference = tickets.pop_first().expect("one");
    let (found, row) = server.get_as_operator(&format!("/api/conversations/{reference}")).await;
    assert_eq!(found, 200, "{row}");

    kiosk.publish(&create, "{\"secret\": \"4111\"", Some(&on("status"))).await;
    let dead = on("dead-letter");
    let letter = watcher.wait_for("the dead letter", |message| message.topic == dead).await;
    assert_eq!(
        (&letter.json()["work"], &letter.json()["reason"]),
        (&json!("device_message"), &json!("unreadable"))
    );
    assert!(!letter.payload.contains("4111"), "{}", letter.payload);
    kiosk.publish(&create, &message.replace(QUESTION, "short"), Some(&answers)).await;
    let refused = kiosk.wait_for("a refusal", |message| message.topic == answers).await.json();
    assert_eq!(refused["code"], "bad_fields", "{refused}");
    let wrong: Vec<_> = watcher.on(&status).iter().filter(|message| message.payload != "online").collect();
    assert!(wrong.is_empty(), "a device had the box write outside of its branch: {wrong:?}");
}
