//! What every channel that a provider calls must keep, whoever the provider is. A further provider of WhatsApp adds itself to
//! [`Carrier`]; Gmail, which only announces, keeps the same at the end of this page.

use crate::{
    email_channel::set,
    gmail_channel::{gmail_box, gmail_mail, sign_in},
    providers::{Call, Carrier, Fake, FromCustomer, Trouble, VERIFY_TOKEN},
    support::{Server, TestBox, google::Google},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rstest::rstest;
use serde_json::{Value, json};

const ANA: &str = "+491711234567";
const QUESTION: &str = "How do I export my data?";

pub async fn box_with(carrier: Carrier) -> (TestBox, Fake) {
    let fake = Fake::start(carrier).await;
    let settings = carrier.settings(&fake.url);
    let test_box =
        settings.iter().fold(TestBox::without_models(), |test_box, (key, value)| test_box.set(key, value));
    (test_box, fake)
}

pub async fn call(server: &Server, call: &Call) -> (u16, String) {
    let request = server
        .client
        .post(format!("{}{}", server.url, call.path))
        .header("content-type", call.content_type)
        .header(call.signature.0, &call.signature.1)
        .body(call.body.clone());
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.text().await.expect("a body"))
}

pub fn question(carrier: Carrier, id: &str) -> Call {
    carrier.message(&FromCustomer { id, from: ANA, text: QUESTION, picture: None })
}

#[rstest]
#[case(Carrier::Twilio, "whatsapp:+491711234567")]
#[case(Carrier::Meta, "to 491711234567")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_comes_four_times_is_answered_once(#[case] carrier: Carrier, #[case] recipient: &str) {
    let (test_box, fake) = box_with(carrier).await;
    let server = test_box.serve();
    let message = question(carrier, "m-1");
    for _ in 0..4 {
        let (status, body) = call(&server, &message).await;
        assert_eq!(status, 200, "{body}");
        assert!(carrier == Carrier::Meta || body.ends_with("<Response></Response>"), "{body}");
    }
    server.log.wait_for("delivered");
    let (status, _) = call(&server, &message).await;
    assert_eq!(status, 200);
    let sent = fake.sent();
    assert!((1..=3).contains(&sent.len()), "{sent:?}");
    assert!(
        sent.iter().all(|part| part.text.chars().count() <= 300 && part.recipient == recipient),
        "{sent:?}"
    );
    assert!(sent.last().is_some_and(|last| last.text.contains("Ref TF-")), "{sent:?}");
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM tickets",
        "SELECT count(*) FROM messages WHERE direction = 'inbound'",
        "SELECT count(*) FROM outbox WHERE state = 'done'",
        "SELECT count(*) FROM identifiers WHERE kind = 'phone' AND value = '+491711234567' AND verified = 1",
        "SELECT count(*) FROM egress_ledger WHERE purpose = 'whatsapp' AND ticket_id IS NOT NULL",
    ]);
    assert_eq!(figures[..4], [1, 1, 1, 1]);
    assert_eq!(figures[4], sent.len() as i64, "what left stands in the ledger");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_vouches_for_is_refused_and_leaves_nothing(
    #[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier,
) {
    let (test_box, _fake) = box_with(carrier).await;
    let server = test_box.serve();
    let good = question(carrier, "m-1");
    let altered = Call { body: good.body.replace("export", "delete"), ..good.clone() };
    let of_another =
        Call { signature: (good.signature.0, question(carrier, "m-2").signature.1), ..good.clone() };
    let without = Call { signature: ("x-nothing", String::new()), ..good.clone() };
    let empty = Call { signature: (good.signature.0, String::new()), ..good.clone() };
    let elsewhere = Call { path: "/webhooks/whatsapp/status".to_owned(), ..altered.clone() };
    for bad in [altered, of_another, without, empty, elsewhere] {
        let (status, body) = call(&server, &bad).await;
        assert_eq!(status, 403, "{body}");
    }
    assert!(server.terminate().success());
    assert_eq!(
        test_box.figures(&["SELECT count(*) FROM messages", "SELECT count(*) FROM customers"]),
        [0, 0]
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_without_the_secret_takes_nothing(#[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier) {
    let (test_box, _fake) = box_with(carrier).await;
    let key = if carrier == Carrier::Twilio { "twilio.auth_token" } else { "meta.app_secret" };
    let test_box = test_box.set(&format!("channels.whatsapp.{key}"), "");
    let server = test_box.serve();
    assert_eq!(call(&server, &question(carrier, "m-1")).await.0, 403);
    drop(server);
    let without_channels = TestBox::without_models();
    let off = without_channels.serve();
    assert_eq!(call(&off, &question(carrier, "m-1")).await.0, 403);
    let unknown = Call { path: "/webhooks/unknown".to_owned(), ..question(carrier, "m-1") };
    assert_eq!(call(&off, &unknown).await.0, 404);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_cannot_be_written_makes_the_provider_come_again(
    #[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier,
) {
    let (test_box, _fake) = box_with(carrier).await;
    let server = test_box.serve();
    // Starting writes, too: only a box that is up shows what a provider is told.
    assert_eq!(server.get("/health").await.0, 200);
    let lock =
        rusqlite::Connection::open(test_box.folder.path().join("data/frontdesk.db")).expect("the file");
    lock.execute_batch("BEGIN IMMEDIATE").expect("the write lock");
    let message = question(carrier, "m-1");
    assert_eq!(call(&server, &message).await.0, 503);
    lock.execute_batch("ROLLBACK").expect("released");
    assert_eq!(call(&server, &message).await.0, 200);
    server.log.wait_for("delivered");
    assert!(server.terminate().success());
    assert_eq!(test_box.figures(&["SELECT count(*) FROM messages WHERE direction = 'inbound'"]), [1]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statuses_only_move_forward(#[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier) {
    let (test_box, fake) = box_with(carrier).await;
    let server = test_box.serve();
    assert_eq!(call(&server, &question(carrier, "m-1")).await.0, 200);
    server.log.wait_for("delivered");
    let id = fake.sent()[0].id.clone();
    for status in ["delivered", "sent", "read", "delivered"] {
        assert_eq!(call(&server, &carrier.status(&id, status, None)).await.0, 200);
    }
    assert_eq!(call(&server, &carrier.status("of another program", "read", None)).await.0, 200);
    let failed = carrier.status(&id, "failed", Some(carrier.window_closed()));
    assert_eq!(call(&server, &failed).await.0, 200);
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE delivery_status = 'read'",
        "SELECT count(*) FROM outbox WHERE state = 'dead'",
    ]);
    assert_eq!(figures, [1, 0], "what was read did not fail");
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_the_provider_gives_up_on_waits_for_a_person(
    #[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier,
) {
    let (test_box, fake) = box_with(carrier).await;
    let server = test_box.serve();
    assert_eq!(call(&server, &question(carrier, "m-1")).await.0, 200);
    server.log.wait_for("delivered");
    let failed = carrier.status(&fake.sent()[0].id, "failed", Some(carrier.window_closed()));
    for _ in 0..2 {
        assert_eq!(call(&server, &failed).await.0, 200);
    }
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE delivery_status = 'failed'",
        "SELECT count(*) FROM outbox WHERE state = 'dead' AND last_error LIKE '%24 hours%'",
        "SELECT count(*) FROM escalations WHERE origin = 'failure'",
    ]);
    assert_eq!(figures, [1, 1, 1]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_are_limited_in_size_and_number(#[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier) {
    let (test_box, _fake) = box_with(carrier).await;
    let test_box = test_box.set("server.max_webhook_bytes", "20000").set("server.webhooks_per_minute", "3");
    let server = test_box.serve();
    let message = question(carrier, "m-1");
    let large = Call { body: "x".repeat(20_001), ..message.clone() };
    assert_eq!(call(&server, &large).await.0, 413);
    assert_eq!(call(&server, &message).await.0, 200);
    assert_eq!(call(&server, &message).await.0, 200);
    assert_eq!(call(&server, &message).await.0, 429);
}

#[rstest]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_in_trouble_is_asked_again_and_gets_each_part_once(
    #[values(Carrier::Twilio, Carrier::Meta)] carrier: Carrier,
) {
    let (test_box, fake) = box_with(carrier).await;
    fake.meet_next_with(Trouble::Refuse(429, Some("1"), 0));
    fake.meet_next_with(Trouble::Refuse(503, None, 0));
    let server = test_box.serve();
    assert_eq!(call(&server, &question(carrier, "m-1")).await.0, 200);
    server.log.wait_for("answered 429");
    server.log.wait_for("answered 503");
    server.log.wait_for("delivered");
    let sent = fake.sent();
    assert_eq!(fake.asked(), sent.len() + 2);
    let texts: std::collections::BTreeSet<&str> = sent.iter().map(|part| part.text.as_str()).collect();
    assert_eq!(texts.len(), sent.len(), "no part twice: {sent:?}");
}

#[rstest]
#[case(Carrier::Twilio, 401, 20003)]
#[case(Carrier::Twilio, 403, 20403)]
#[case(Carrier::Twilio, 400, 63016)]
#[case(Carrier::Meta, 401, 190)]
#[case(Carrier::Meta, 403, 10)]
#[case(Carrier::Meta, 400, 131_047)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_for_good_goes_to_a_person_with_the_providers_code(
    #[case] carrier: Carrier,
    #[case] status: u16,
    #[case] code: i64,
) {
    let (test_box, fake) = box_with(carrier).await;
    fake.meet_next_with(Trouble::Refuse(status, None, code));
    let server = test_box.serve();
    assert_eq!(call(&server, &question(carrier, "m-1")).await.0, 200);
    server.log.wait_for(&format!("error {code}"));
    assert!(server.terminate().success());
    assert_eq!(fake.asked(), 1, "asking again would not help");
    let dead =
        format!("SELECT count(*) FROM outbox WHERE state = 'dead' AND last_error LIKE '%error {code}%'");
    assert_eq!(
        test_box.figures(&[&dead, "SELECT count(*) FROM escalations WHERE origin = 'failure'"]),
        [1, 1]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn meta_is_told_who_we_are_only_when_it_knows_the_word() {
    let (test_box, _fake) = box_with(Carrier::Meta).await;
    let server = test_box.serve();
    let ask = |word: &str| {
        server.client.get(format!(
            "{}/webhooks/whatsapp?hub.mode=subscribe&hub.verify_token={word}&hub.challenge=1158201444",
            server.url
        ))
    };
    let response = ask(VERIFY_TOKEN).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.text().await.expect("a body"), "1158201444");
    assert_eq!(ask("a-guess").send().await.expect("an answer").status(), 403);
}

/// Gmail pushes that something came; what came is then fetched. Google's own library made the tokens.
fn push(token: &str) -> Call {
    let data = STANDARD.encode(json!({ "emailAddress": "support@gmail.test", "historyId": 1 }).to_string());
    let body = json!({ "message": { "data": data, "messageId": "1" }, "subscription": "projects/p/subscriptions/s" });
    Call {
        path: "/webhooks/gmail".to_owned(),
        content_type: "application/json",
        signature: (
            "authorization",
            format!("Bearer {}", push_vectors()["tokens"][token].as_str().expect("a token")),
        ),
        body: body.to_string(),
    }
}

fn push_vectors() -> Value {
    serde_json::from_str(include_str!("../fixtures/gmail/tokens.json")).expect("vectors")
}

/// A running box that hears of mail by pushes alone and has had its first look; Google's stand-in with one new mail.
async fn pushed_box(further: &[(&str, &str)]) -> (TestBox, Server, Google) {
    let (google, vectors) = (Google::start(0).await, push_vectors());
    let mut test_box = gmail_box(&google);
    for (key, value) in [
        ("gmail.push_audience", vectors["audience"].as_str().expect("text")),
        ("gmail.push_service_account", vectors["signer"].as_str().expect("text")),
        ("gmail.poll_seconds", "3600"),
    ] {
        test_box = set(test_box, key, value);
    }
    let test_box = further.iter().fold(test_box, |test_box, (key, value)| test_box.set(key, value));
    tokio::task::block_in_place(|| sign_in(&test_box, &[]));
    let server = test_box.serve();
    tokio::task::block_in_place(|| server.log.wait_for("a channel works"));
    google.arrive(&gmail_mail("pushed@example.org"));
    (test_box, server, google)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gmails_announcement_that_comes_four_times_brings_its_mail_once() {
    let (test_box, server, google) = pushed_box(&[]).await;
    for _ in 0..4 {
        let (status, body) = call(&server, &push("good")).await;
        assert_eq!(status, 200, "{body}");
    }
    google.wait_for_sent(1).await;
    assert_eq!(call(&server, &push("good")).await.0, 200);
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM messages WHERE direction = 'inbound'",
        "SELECT count(*) FROM outbox WHERE state = 'done'",
    ]);
    assert_eq!(figures, [1, 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_announcement_that_google_did_not_sign_for_us_is_refused_and_leaves_nothing() {
    let (test_box, server, google) = pushed_box(&[]).await;
    let looks = google.world().calls_of("history");
    let vectors = push_vectors();
    let tokens = vectors["tokens"].as_object().expect("tokens").keys().filter(|name| *name != "good");
    let mut refused: Vec<Call> = tokens.map(|name| push(name)).collect();
    assert!(refused.len() >= 5, "a corpus of bad tokens");
    refused.push(Call { signature: ("x-nothing", String::new()), ..push("good") });
    refused.push(Call { signature: ("authorization", "Bearer ".to_owned()), ..push("good") });
    for bad in refused {
        let (status, body) = call(&server, &bad).await;
        assert_eq!(status, 403, "{body}");
    }
    assert_eq!(google.world().calls_of("history"), looks, "nobody is made to look");
    assert!(server.terminate().success());
    assert_eq!(
        test_box.figures(&["SELECT count(*) FROM messages", "SELECT count(*) FROM customers"]),
        [0, 0]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_cannot_be_written_gmail_is_told_to_announce_again() {
    let (test_box, server, google) = pushed_box(&[]).await;
    let lock =
        rusqlite::Connection::open(test_box.folder.path().join("data/frontdesk.db")).expect("the file");
    // Before Google's keys are known, and after: neither may be taken for done.
    lock.execute_batch("BEGIN IMMEDIATE").expect("the write lock");
    assert_eq!(call(&server, &push("good")).await.0, 503);
    lock.execute_batch("ROLLBACK").expect("released");
    assert_eq!(call(&server, &push("good")).await.0, 200);
    google.wait_for_sent(1).await;
    google.arrive(&gmail_mail("second@example.org").replace("ana@", "bea@"));
    lock.execute_batch("BEGIN IMMEDIATE").expect("the write lock");
    assert_eq!(call(&server, &push("good")).await.0, 503);
    lock.execute_batch("ROLLBACK").expect("released");
    assert_eq!(call(&server, &push("good")).await.0, 200);
    google.wait_for_sent(2).await;
    assert!(server.terminate().success());
    assert_eq!(test_box.figures(&["SELECT count(*) FROM messages WHERE direction = 'inbound'"]), [2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gmails_announcements_are_limited_in_size_and_number() {
    let limits = [("server.max_webhook_bytes", "20000"), ("server.webhooks_per_minute", "3")];
    let (_test_box, server, _google) = pushed_box(&limits).await;
    let large = Call { body: "x".repeat(20_001), ..push("good") };
    assert_eq!(call(&server, &large).await.0, 413);
    assert_eq!(call(&server, &push("good")).await.0, 200);
    assert_eq!(call(&server, &push("good")).await.0, 200);
    assert_eq!(call(&server, &push("good")).await.0, 429);
}
