//! The web channel from the outside: the real program over HTTP.

use crate::support::{OPERATOR_TOKEN, TestBox, form, replies};
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_question_is_answered_on_the_status_page_with_its_source() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted = server.submit(&form("ana@example.org", "Export", "How do I export my data?"), None).await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    let reply = replies(&ticket)[0];
    assert!(
        reply["content"]
            .as_str()
            .is_some_and(|text| text.starts_with("Hi Ana,") && text.contains(&submitted.reference)),
        "{reply}"
    );
    let url = reply["sources"][0]["url"].as_str().expect("a source");
    assert!(url.starts_with("/help/"), "{url}");
    let page = server.client.get(format!("{}{url}", server.url)).send().await.expect("an answer");
    assert_eq!(page.status(), 200, "the source opens on the box");
    assert_eq!(ticket["progress"]["stage"], "answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_matter_for_a_person_goes_to_one_and_says_so() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted = server
        .submit(&form("ana@example.org", "Refund", "You charged me twice this month. I want a refund."), None)
        .await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    assert_eq!(
        (ticket["status"].as_str(), ticket["progress"]["stage"].as_str()),
        (Some("escalated"), Some("with_a_person"))
    );
    assert!(ticket["assigned_to"].as_str().is_some_and(|team| team.contains("billing")), "{ticket}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn progress_is_streamed_until_the_reply() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted = server.submit(&form("ana@example.org", "Export", "How do I export my data?"), None).await;
    let address =
        format!("{}/support/ticket/{}/events?token={}", server.url, submitted.reference, submitted.token);
    let mut stream = server.client.get(address).send().await.expect("a stream");
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    let reading = async {
        while let Ok(Some(piece)) = stream.chunk().await {
            text.push_str(&String::from_utf8_lossy(&piece));
            if text.contains("\"answered\"") {
                break;
            }
        }
    };
    tokio::time::timeout(crate::support::PATIENCE, reading).await.expect("the answer is announced");
    assert!(text.starts_with("event: progress"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_ask_wrongly_gets_its_own_answer() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let good = form("ana@example.org", "Export", "How do I export my data?");
    let submitted = server.submit(&good, None).await;
    let with = |key: &str, value: Value| {
        let mut form = good.clone();
        form[key] = value;
        form
    };
    let refused = [
        (with("name", json!("A")), 422, "name"),
        (with("email", json!("not an address")), 422, "email"),
        (with("message", json!("short")), 422, "message"),
        (with("plan", json!("platinum")), 422, "plan"),
        (with("category", json!("sales")), 422, "category"),
        (json!([1, 2]), 422, ""),
        (with("message", json!("x".repeat(200_000))), 413, ""),
    ];
    for (form, expected, field) in refused {
        let (status, body) = server.post("/support/submit", &form, None).await;
        assert_eq!(status, expected, "{body}");
        assert_eq!(body["status"], expected, "problem details carry the status: {body}");
        if !field.is_empty() {
            assert_eq!(body["errors"][0]["field"], field, "{body}");
        }
    }
    let reference = &submitted.reference;
    for (path, expected) in [
        (format!("/support/ticket/nonsense?token={}", submitted.token), 400),
        (format!("/support/ticket/{reference}"), 401),
        (format!("/support/ticket/{reference}?token=wrong"), 404),
        (format!("/support/ticket/TF-20200101-AAAA?token={}", submitted.token), 404),
        ("/conversations/0198c0de-0000-7000-8000-000000000000".to_owned(), 401),
        ("/metrics/channels".to_owned(), 401),
    ] {
        assert_eq!(server.get(&path).await.0, expected, "{path}");
    }
    let broken = server
        .client
        .post(format!("{}/support/submit", server.url))
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await;
    assert_eq!(broken.expect("an answer").status(), 400);
    let (_, tickets) = server.get_as_operator("/metrics/channels").await;
    assert!(tickets["channels"].is_object());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_cannot_flood_the_desk() {
    let test_box = TestBox::without_models().set("server.submissions_per_minute", "3");
    let server = test_box.serve();
    let good = form("ana@example.org", "Export", "How do I export my data?");
    for _ in 0..3 {
        server.submit(&good, None).await;
    }
    let (status, body) = server.post("/support/submit", &good, None).await;
    assert_eq!(status, 429, "{body}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_is_one_click_away() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted = server.submit(&form("ana@example.org", "Export", "How do I export my data?"), None).await;
    server.wait_for_replies(&submitted, 1).await;
    let path =
        |what: &str| format!("/support/ticket/{}/{what}?token={}", submitted.reference, submitted.token);
    let (status, body) = server
        .post(&path("feedback"), &json!({ "helped": false, "comment": "That is not my plan." }), None)
        .await;
    assert_eq!((status, body["status"].as_str()), (200, Some("escalated")), "{body}");
    let ticket = server.ticket(&submitted).await;
    assert_eq!(
        (ticket["feedback"].as_str(), ticket["progress"]["stage"].as_str()),
        (Some("not_helped"), Some("with_a_person"))
    );
    // What is written now is added to the ticket, and said so once; no answer talks over the person.
    let (status, _) =
        server.post(&path("messages"), &json!({ "message": "Are you there?" }), Some("k1")).await;
    assert_eq!(status, 200);
    let ticket = server.wait_for_replies(&submitted, 2).await;
    assert!(
        replies(&ticket)[1]["content"]
            .as_str()
            .is_some_and(|text| text.contains("added this to your ticket")),
        "{ticket}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_who_types_the_same_address_sees_only_their_own() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let mine = server
        .submit(
            &form("ana@example.org", "Export", "How do I export my data? My secret word is heliotrope."),
            None,
        )
        .await;
    server.wait_for_replies(&mine, 1).await;
    let theirs = server
        .submit(&form("ana@example.org", "Hello", "What did I write to you before, please?"), None)
        .await;
    let ticket = server.wait_for_replies(&theirs, 1).await;
    assert!(!ticket.to_string().contains("heliotrope"), "{ticket}");
}

#[rstest]
#[case("/", "text/html")]
#[case("/status/TF-20261122-AB12", "text/html")]
#[case("/help.css", "text/css")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_carry_a_strict_policy(#[case] path: &str, #[case] mime: &str) {
    let test_box =
        TestBox::new(&[("models.chat", "none"), ("models.embedding", "none"), ("answers.mode", "passage")]);
    let server = test_box.serve();
    let response = server.client.get(format!("{}{path}", server.url)).send().await.expect("an answer");
    assert_eq!(response.status(), 200, "{path}");
    let header = |name: &str| {
        response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert!(header("content-type").starts_with(mime));
    let policy = header("content-security-policy");
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_private_reaches_the_log() {
    let test_box = TestBox::without_models().set("log.level", "trace");
    let server = test_box.serve();
    let submitted = server
        .submit(
            &form("quiet.person@example.org", "Zanzibar", "How do I export my data? Xylophone-marker."),
            None,
        )
        .await;
    server.wait_for_replies(&submitted, 1).await;
    server.get_as_operator("/metrics/channels").await;
    let log = server.log.so_far();
    assert!(log.contains(&submitted.reference), "the log names the ticket");
    for private in
        ["quiet.person", "Xylophone-marker", "Zanzibar", &submitted.token, OPERATOR_TOKEN, "Ana Li"]
    {
        assert!(!log.contains(private), "{private} stands in the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_loses_nothing_and_is_prompt() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let message = form("ana@example.org", "Export", "How do I export my data?");
    let submitted = server.submit(&message, None).await;
    let stopping = Instant::now();
    assert!(server.terminate().success());
    assert!(stopping.elapsed().as_secs() < 10, "a stop takes moments");
    let server = test_box.serve();
    let ticket = server.wait_for_replies(&submitted, 1).await;
    assert_eq!(replies(&ticket).len(), 1);
}
