//! The hosted model in hard cases, against a server that speaks the chat completions protocol on this machine: what it is shown is
//! redacted and recorded, what it says is verified, and whatever goes wrong ends at a person.

use crate::support::{TestBox, form, replies};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What the server does with a request.
#[derive(Clone, Copy)]
enum Manner {
    /// Repeats the first sentences of the first passage it was given.
    Answers,
    /// Makes something up.
    Invents,
    Declines,
    Fails,
    /// Takes the request and says nothing.
    Hangs,
}

/// A chat completions server that keeps every byte it was sent.
struct Provider {
    base_url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let kept = requests.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, manner, kept.clone()));
            }
        });
        Self { base_url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("free").clone()
    }
}

async fn serve(mut stream: TcpStream, manner: Manner, requests: Arc<Mutex<Vec<String>>>) {
    while let Some(request) = read_request(&mut stream).await {
        let answer = answer(manner, &request);
        requests.lock().expect("free").push(request);
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).await.expect("answered"),
            None => std::future::pending().await,
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                return Some(text);
            }
        }
        let mut piece = [0; 8192];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
        }
    }
}

fn answer(manner: Manner, request: &str) -> Option<String> {
    let text = match manner {
        Manner::Answers => first_passage(request),
        Manner::Invents => {
            "Call +1 900 555 0199 and pay 4,711 dollars at https://pay.example.net now.".to_owned()
        }
        Manner::Declines => "NO_ANSWER".to_owned(),
        Manner::Fails => {
            return Some("HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n".to_owned());
        }
        Manner::Hangs => return None,
    };
    let piece = json!({ "choices": [{ "delta": { "content": text } }] });
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 300, "completion_tokens": 40 } });
    let body = format!("data: {piece}\n\ndata: {usage}\n\ndata: [DONE]\n\n");
    Some(format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn first_passage(request: &str) -> String {
    let (_, body) = request.split_once("\r\n\r\n").expect("a body");
    let body: Value = serde_json::from_str(body).expect("JSON");
    let system = body["messages"][0]["content"].as_str().expect("instructions");
    let passage =
        system.split_once("\">\n").expect("a passage").1.split_once("\n</passage>").expect("its end").0;
    passage.lines().filter(|line| !line.trim().is_empty()).take(2).collect::<Vec<_>>().join("\n")
}

/// By words alone no passage fits it well enough to be sent: a hard case.
const QUESTION: &str =
    "How do I export my data? I am Priya Raman, reach me at priya.raman@mail.example or +44 20 7946 0958.";

fn box_with(provider: &Provider) -> TestBox {
    TestBox::without_models()
        .set("hosted.provider", "openai")
        .set("hosted.base_url", &provider.base_url)
        .set("hosted.model", "a-larger-model")
        .set("hosted.api_key", "key-for-tests-only")
        .set("hosted.max_attempts", "2")
        .set("hosted.timeout_ms", "1500")
}

fn asker() -> Value {
    let mut form = form("priya.raman@mail.example", "A question", QUESTION);
    form["name"] = json!("Priya Raman");
    form
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hard_case_goes_out_redacted_and_comes_back_verified() {
    let provider = Provider::start(Manner::Answers).await;
    let test_box = box_with(&provider);
    let server = test_box.serve();
    let submitted = server.submit(&asker(), None).await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    let reply = replies(&ticket)[0];
    assert!(!reply["sources"].as_array().expect("sources").is_empty(), "answered with its source: {ticket}");
    assert_eq!(ticket["assigned_to"], Value::Null, "no person was needed: {ticket}");

    let requests = provider.requests();
    assert_eq!(requests.len(), 1, "asked once");
    for secret in ["Priya", "Raman", "priya.raman", "7946"] {
        assert!(!requests[0].contains(secret), "{secret} left the box: {}", requests[0]);
    }
    assert!(requests[0].contains("[PERSON_1]") && requests[0].contains("[EMAIL_1]"), "{}", requests[0]);
    assert!(!server.log.so_far().contains("key-for-tests-only"), "the key is in the log");
    assert!(server.terminate().success());
    let bytes = i64::try_from(requests[0].len()).expect("small");
    let recorded = test_box.figures(&[
        "SELECT sum(byte_count) FROM egress_ledger WHERE purpose = 'hosted_model'",
        "SELECT count(*) FROM egress WHERE outcome = 'answered' AND redactions >= 3 AND prompt_tokens = 300",
        "SELECT count(*) FROM egress WHERE request_text LIKE '%Priya%'",
        "SELECT count(*) FROM drafts WHERE origin = 'hosted' AND state = 'flagged'",
    ]);
    assert_eq!(recorded, [bytes, 1, 0, 1], "the ledger holds what was on the wire, and a person reviews it");
    assert!(test_box.run(&["egress", "verify"]).expect("whole").contains("whole"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_leave_is_shown_word_for_word_before() {
    let provider = Provider::start(Manner::Answers).await;
    let test_box = box_with(&provider);
    let server = test_box.serve();
    let submitted = server.submit(&asker(), None).await;
    server.wait_for_replies(&submitted, 1).await;
    let path = format!("/api/conversations/{}/hosted-preview", submitted.reference);
    let (status, shown) = server.get_as_operator(&path).await;
    assert_eq!((status, &shown["would_leave"]), (200, &json!(true)), "{shown}");
    let requests = provider.requests();
    let (_, sent) = requests[0].split_once("\r\n\r\n").expect("a body");
    let sent: Value = serde_json::from_str(sent).expect("JSON");
    assert_eq!(shown["payload"], sent, "the preview is what the wire carried");
    assert!(shown["redactions"].as_u64().is_some_and(|count| count >= 3), "{shown}");
    assert_eq!(provider.requests().len(), 1, "looking sends nothing");
    assert_eq!(server.get(&path).await.0, 401, "strangers see nothing");

    let other_box = box_with(&provider).set("hosted.plans", "[\"pro\"]");
    let pro_only = other_box.serve();
    let submitted = pro_only.submit(&asker(), None).await;
    let path = format!("/api/conversations/{}/hosted-preview", submitted.reference);
    let (_, kept) = pro_only.get_as_operator(&path).await;
    assert_eq!((&kept["would_leave"], &kept["payload"]), (&json!(false), &Value::Null), "{kept}");
    assert!(kept["reason"].is_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_with_something_half_understood_is_held() {
    let provider = Provider::start(Manner::Answers).await;
    let test_box = box_with(&provider);
    let server = test_box.serve();
    let mut form = asker();
    form["message"] = json!("How do I export my data? The reference is 12345678901234567890123.");
    let submitted = server.submit(&form, None).await;
    let path = format!("/api/conversations/{}/hosted-preview", submitted.reference);
    let (_, held) = server.get_as_operator(&path).await;
    assert_eq!(held["would_leave"], false, "{held}");
    server.wait_for_replies(&submitted, 1).await;
    assert!(provider.requests().is_empty());
}

/// Whatever the hosted model does wrong, a person has the ticket and the customer knows it.
async fn ends_at_a_person(manner: Manner, test_box: impl FnOnce(TestBox) -> TestBox) -> (Provider, TestBox) {
    let provider = Provider::start(manner).await;
    let test_box = test_box(box_with(&provider));
    let server = test_box.serve();
    let submitted = server.submit(&asker(), None).await;
    let ticket = server.wait_for_replies(&submitted, 1).await;
    assert!(ticket["assigned_to"].is_string(), "a person has it: {ticket}");
    assert!(!ticket.to_string().contains("900 555"), "nothing made up is sent: {ticket}");
    assert!(server.terminate().success());
    (provider, test_box)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_hosted_model_makes_up_is_not_sent() {
    ends_at_a_person(Manner::Invents, |test_box| test_box).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hosted_model_that_declines_leaves_it_to_a_person() {
    let (_, test_box) = ends_at_a_person(Manner::Declines, |test_box| test_box).await;
    assert_eq!(test_box.figures(&["SELECT count(*) FROM egress WHERE outcome = 'not_answered'"]), [1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_hosted_model_is_tried_again_and_then_left_to_a_person() {
    let (provider, _) = ends_at_a_person(Manner::Fails, |test_box| test_box).await;
    assert_eq!(provider.requests().len(), 2, "two attempts");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_hosted_model_costs_its_timeout_and_no_more() {
    ends_at_a_person(Manner::Hangs, |test_box| test_box).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spent_budget_sends_nothing() {
    let (provider, _) =
        ends_at_a_person(Manner::Answers, |test_box| test_box.set("hosted.daily_tokens", "10")).await;
    assert!(provider.requests().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_may_not_leave_does_not() {
    let only_pro = |test_box: TestBox| test_box.set("hosted.plans", "[\"pro\"]");
    let (provider, _) = ends_at_a_person(Manner::Answers, only_pro).await;
    assert!(provider.requests().is_empty());
}

/// With an embedding model in the settings, names are looked for with it; while it is not there, nothing may leave unread.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_could_not_be_read_for_names_does_not_leave() {
    let empty = tempfile::tempdir().expect("a folder");
    let folder = empty.path().display().to_string();
    let unread = |test_box: TestBox| {
        test_box.set("models.embedding", "all-minilm-l6-v2").set("models.directory", &folder)
    };
    let (provider, _) = ends_at_a_person(Manner::Answers, unread).await;
    assert!(provider.requests().is_empty(), "it left unread");
    let provider = Provider::start(Manner::Answers).await;
    let test_box = unread(box_with(&provider)).set("hosted.hold_if_unsure", "false");
    let server = test_box.serve();
    let submitted = server.submit(&asker(), None).await;
    server.wait_for_replies(&submitted, 1).await;
    assert_eq!(provider.requests().len(), 1, "the owner lets out what only the rules have seen");
    assert!(server.terminate().success());
}
