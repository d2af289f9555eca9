//! The edge cases the predecessor met, by its numbers: the real program over HTTP, answering from passages by words alone.
//! 007 and 012 (what the formatter cuts and says twice) are held by the formatter's own tests, 024 (very long messages) by
//! the prompt's, 026 also by the help page's and the browser's.

use crate::support::{OPERATOR_TOKEN, Server, Submitted, TestBox, form, replies};
use rstest::rstest;
use serde_json::{Value, json};

/// What one message came to on a fresh box.
async fn outcome(message: &str, plan: &str) -> Value {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted = submit(&server, message, plan).await;
    server.wait_for_replies(&submitted, 1).await
}

async fn submit(server: &Server, message: &str, plan: &str) -> Submitted {
    let mut form = form("ana@example.org", "A question", message);
    form["plan"] = json!(plan);
    server.submit(&form, None).await
}

#[rstest]
#[case::e001_the_word_legal_alone("I work in the legal department. How do I export my data?", "pro")]
#[case::e013_recurring_tasks("How do I make a task repeat every week?", "pro")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_documents_answer_is_answered(#[case] message: &str, #[case] plan: &str) {
    let ticket = outcome(message, plan).await;
    assert_eq!(ticket["progress"]["stage"], "answered", "{ticket}");
    assert!(replies(&ticket)[0]["sources"].as_array().is_some_and(|sources| !sources.is_empty()), "{ticket}");
}

#[rstest]
#[case::e002_an_administrator_is_locked_out(
    "I am our workspace's admin, I lost my phone with the two-factor app and my backup codes, and now I am locked out.",
    "pro"
)]
#[case::e003_what_the_whole_team_paid_for_is_broken(
    "Single sign-on fails for our whole team of 80 since this morning, nobody can log in.",
    "enterprise"
)]
#[case::e004_data_is_gone("All our tasks disappeared after the update. Two months of work is gone!", "pro")]
#[case::e005_an_export_hangs(
    "My export has been stuck at 80 % for two days and support has not helped so far.",
    "pro"
)]
#[case::e006_charged_without_an_upgrade(
    "You charged my card for Pro although I never upgraded. I want my money back.",
    "free"
)]
#[case::e011_a_big_customer_is_slowed_down(
    "TaskFlow has been extremely slow for all 200 of us since yesterday and we cannot work, this is costing us money.",
    "enterprise"
)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_needs_a_person_gets_one(#[case] message: &str, #[case] plan: &str) {
    let ticket = outcome(message, plan).await;
    assert_eq!(
        (ticket["status"].as_str(), ticket["progress"]["stage"].as_str()),
        (Some("escalated"), Some("with_a_person")),
        "{ticket}"
    );
}

#[rstest]
#[case::e008_a_greeting_alone("Hello there, good morning!")]
#[case::e009_emoji_alone("👋👋👋👋👋👋👋👋👋👋")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_says_nothing_yet_is_asked_what_is_wanted(#[case] message: &str) {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted = server.submit(&form("ana@example.org", "Hello", message), None).await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    let reply = replies(&ticket)[0];
    assert!(
        reply["content"].as_str().is_some_and(|text| text.contains("What can I help you with?")),
        "{reply}"
    );
    assert_ne!(ticket["status"], "escalated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e010_spam_is_closed_without_a_word() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let spam = "Dear website owner, we offer cheap SEO services and backlinks, rank first page on Google guaranteed, click here!";
    let submitted = server.submit(&form("seo@example.org", "SEO offer", spam), None).await;
    server.log.wait_for("decided");
    let ticket = loop {
        let ticket = server.ticket(&submitted).await;
        if ticket["status"] == "closed" {
            break ticket;
        }
        assert_eq!(ticket["status"], "open", "{ticket}");
    };
    assert!(replies(&ticket).is_empty(), "{ticket}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e017_a_locked_database_is_said_honestly_and_nothing_is_lost() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let before = server.submit(&form("ana@example.org", "Export", "How do I export my data?"), None).await;
    server.wait_for_replies(&before, 1).await;
    let file = test_box.folder.path().join("data/frontdesk.db");
    let other = rusqlite::Connection::open(file).expect("the store opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let (status, body) = server
        .post("/support/submit", &form("bo@example.org", "Import", "How do I import my tasks?"), None)
        .await;
    assert_eq!(status, 503, "{body}");
    assert!(
        body["detail"].as_str().is_some_and(|text| !text.contains("SQL") && !text.contains("locked")),
        "{body}"
    );
    assert_eq!(server.get("/health").await.0, 200, "the program lives");
    other.execute_batch("ROLLBACK").expect("unlocked");
    let after = server.submit(&form("bo@example.org", "Import", "How do I import my tasks?"), None).await;
    server.wait_for_replies(&after, 1).await;
    assert_eq!(replies(&server.ticket(&before).await).len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e018_without_its_chat_model_the_desk_answers_in_the_documents_words() {
    let test_box = TestBox::new(&[("models.embedding", "none"), ("answers.mode", "model")]);
    let empty = test_box.folder.path().join("no-models").display().to_string();
    let test_box = test_box.set("models.directory", &empty);
    test_box.add_demo_knowledge();
    let server = test_box.serve();
    let submitted = submit(&server, "How do I export my data?", "pro").await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    assert_eq!(ticket["progress"]["stage"], "answered", "{ticket}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e022_a_message_that_comes_twice_is_one() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let message = form("ana@example.org", "Export", "How do I export my data?");
    let first = server.submit(&message, Some("the-same-key-0001")).await;
    let again = server.submit(&message, Some("the-same-key-0001")).await;
    assert_eq!(first.reference, again.reference);
    let ticket = server.wait_for_replies(&first, 1).await;
    assert_eq!(ticket["messages"].as_array().map(Vec::len), Some(2), "{ticket}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e023_a_message_while_a_person_has_the_ticket_is_added_and_acknowledged_once() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted = submit(&server, "You charged me twice this month. I want a refund.", "pro").await;
    server.wait_for_replies(&submitted, 1).await;
    let path = format!("/support/ticket/{}/messages?token={}", submitted.reference, submitted.token);
    let (status, body) = server.post(&path, &json!({ "message": "The invoice number is 4711." }), None).await;
    assert_eq!(status, 200, "{body}");
    let ticket = server.wait_for_replies(&submitted, 1).await;
    assert_eq!(ticket["status"], "escalated");
    assert!(
        ticket["messages"]
            .as_array()
            .is_some_and(|all| all.iter().any(|m| m["content"] == "The invoice number is 4711.")),
        "{ticket}"
    );
}

#[rstest]
#[case::german("Ich möchte sofort mein Geld zurück, Sie haben mir zu viel berechnet!")]
#[case::arabic("أريد استرداد أموالي فورا لأنكم خصمتم المبلغ مرتين من بطاقتي")]
#[case::japanese("二重に請求されました。返金してください。よろしくお願いします。")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e025_another_language_reaches_a_person_where_it_must(#[case] message: &str) {
    let ticket = outcome(message, "pro").await;
    assert_eq!(ticket["status"], "escalated", "{ticket}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e026_script_in_a_message_is_text_and_nothing_else() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let message = "How do I export my data? <script>alert(1)</script><img src=x onerror=alert(2)>";
    let submitted = submit(&server, message, "pro").await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    assert_eq!(ticket["messages"][0]["content"], message, "kept as it was written");
    let reply = replies(&ticket)[0]["content"].as_str().unwrap_or_default();
    assert!(!reply.contains("<script") && !reply.contains("onerror"), "{reply}");
    let address = format!("{}/support/ticket/{}?token={}", server.url, submitted.reference, submitted.token);
    let response = server.client.get(address).send().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "application/json");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn e027_names_addresses_and_secrets_stay_out_of_the_log() {
    let test_box = TestBox::without_models().set("log.level", "trace");
    let server = test_box.serve();
    let mut message = form(
        "ana.secret@example.org",
        "Card 4111111111111111",
        "My key is sk-live-abcdef, how do I export my data?",
    );
    message["name"] = json!("Zoltana Zebrowski");
    let submitted = server.submit(&message, None).await;
    server.wait_for_replies(&submitted, 1).await;
    server.get_as_operator("/metrics/channels").await;
    let log = server.log.so_far();
    assert!(log.contains("decided"), "the log was read");
    for secret in
        ["ana.secret", "4111111111111111", "sk-live-abcdef", "Zebrowski", OPERATOR_TOKEN, &submitted.token]
    {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}
