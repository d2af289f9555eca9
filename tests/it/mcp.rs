//! The tools for other assistants, asked by the official MCP client for Python (`scripts/setup` installs it), over both transports: each is
//! listed, described and does what it says; a token that may only read changes nothing.

use crate::support::{OPERATOR_TOKEN, Server, Submitted, TestBox, replies};
use reqwest::header;
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const TOOLS: [&str; 6] = [
    "analyze_sentiment",
    "create_ticket",
    "escalate_to_human",
    "get_customer_history",
    "search_knowledge_base",
    "send_response",
];
/// In the answer that is sent, and nowhere else.
const MARK: &str = "Settings, then Data, then Export";

/// A box that answers whatever it finds a passage for, so that no person has a ticket before a tool is called.
fn answering_box() -> TestBox {
    TestBox::without_models()
        .set("answers.send_from", "0.02")
        .set("answers.send_and_flag_from", "0.01")
        .set("answers.hold_from", "0.0")
}

/// The Python with the client.
fn python() -> PathBuf {
    let home = || PathBuf::from(std::env::var_os("HOME").expect("a home folder")).join(".cache");
    let cache = std::env::var_os("XDG_CACHE_HOME").map_or_else(home, PathBuf::from);
    let python = cache.join("frontdesk/test-clients/bin/python");
    assert!(python.exists(), "the MCP client is not installed: run scripts/setup");
    python
}

/// One session of the client.
fn converse(wanted: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/mcp/client.py");
    let mut client = Command::new(python())
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = client.stdin.take().expect("standard input");
    input.write_all(wanted.to_string().as_bytes()).expect("written");
    drop(input);
    let output = client.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn over_http(server: &Server, token: &str, calls: &Value) -> Value {
    let url = format!("{}/mcp", server.url);
    converse(&json!({ "url": url, "token": token, "calls": calls, "read": resources() }))
}

fn over_stdio(test_box: &TestBox, arguments: &[&str], calls: &Value) -> Value {
    let command = test_box.command(arguments);
    let arguments: Vec<String> =
        command.get_args().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let program = command.get_program().to_string_lossy().into_owned();
    converse(&json!({ "command": program, "arguments": arguments, "calls": calls, "read": resources() }))
}

fn resources() -> Value {
    json!(["frontdesk://escalation-rules", "frontdesk://brand-voice", "frontdesk://statistics"])
}

/// Every tool once, acting ones again.
fn every_tool() -> Value {
    let answer =
        json!({ "ticket": "$ticket", "message": format!("Open {MARK}."), "idempotency_key": "answer-1" });
    json!([
        { "name": "create_ticket", "arguments": {
            "email": "ana.li@mail.example", "name": "Ana Li", "subject": "Export", "issue": "Where do I find the export?",
            "idempotency_key": "ticket-1" } },
        { "name": "create_ticket", "arguments": {
            "email": "ana.li@mail.example", "name": "Ana Li", "subject": "Export", "issue": "Where do I find the export?",
            "idempotency_key": "ticket-1" } },
        { "name": "send_response", "arguments": answer },
        { "name": "send_response", "arguments": answer },
        { "name": "get_customer_history", "arguments": { "customer": "ana.li@mail.example" } },
        { "name": "search_knowledge_base", "arguments": { "query": "How do I export my data?", "max_results": 3 } },
        { "name": "analyze_sentiment", "arguments": { "text": "This is terrible, I am furious and want my money back." } },
        { "name": "escalate_to_human", "arguments": { "ticket": "$ticket", "reason": "asks for a person", "urgency": "high" } },
        { "name": "escalate_to_human", "arguments": { "ticket": "$ticket", "reason": "asks again" } },
        { "name": "send_response", "arguments": { "ticket": "TF-20260101-ZZZZ", "message": "Hello" } },
    ])
}

/// What every tool must have answered; the ticket that was opened.
fn check_every_tool(said: &Value) -> Submitted {
    let listed: Vec<&str> = said["tools"].as_object().expect("tools").keys().map(String::as_str).collect();
    let mut sorted = listed.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, TOOLS);
    assert_eq!(said["tools"]["send_response"]["required"], json!(["message"]));
    let offered = said["resources"].as_array().expect("resources");
    for uri in resources().as_array().expect("a list") {
        assert!(offered.contains(uri), "{uri} in {offered:?}");
    }
    let documents =
        offered.iter().filter(|uri| uri.as_str().is_some_and(|uri| uri.starts_with("frontdesk://docs/")));
    assert!(documents.count() > 1, "the company's documents are offered: {offered:?}");
    assert!(said["texts"]["frontdesk://brand-voice"].as_str().expect("text").contains("disclosure"));
    assert!(said["texts"]["frontdesk://escalation-rules"].as_str().expect("text").contains("[[team]]"));
    let figures = said["texts"]["frontdesk://statistics"].as_str().expect("text");
    let figures: Value = serde_json::from_str(figures).expect("JSON");
    assert!(figures["tickets"]["all"].is_u64(), "{figures}");

    let results: Vec<&Value> = said["results"].as_array().expect("results").iter().collect();
    let value = |index: usize| {
        assert_eq!(results[index]["error"], false, "{}", results[index]);
        &results[index]["value"]
    };
    let code = |index: usize| {
        assert_eq!(results[index]["error"], true, "{}", results[index]);
        results[index]["value"]["code"].as_str().expect("a code")
    };
    assert_eq!(
        (&value(0)["created"], &value(1)["created"]),
        (&json!(true), &json!(false)),
        "one ticket a key"
    );
    assert_eq!(value(0)["ticket"], value(1)["ticket"]);
    assert_eq!(value(2)["message_id"], value(3)["message_id"], "one answer a key");
    assert_eq!((&value(2)["repeated"], &value(3)["repeated"]), (&json!(false), &json!(true)));
    assert!(value(2)["text"].as_str().expect("text").contains(MARK));
    assert_eq!(value(4)["whole"], true);
    assert!(value(4)["messages"].as_array().expect("messages").len() >= 2, "{}", value(4));
    assert!(!value(5)["passages"].as_array().expect("passages").is_empty());
    assert_eq!(value(6)["label"], "negative");
    assert!(value(7)["escalation"].as_str().expect("a number").starts_with("ESC-"));
    assert_eq!(value(7)["promise"], "within 1 hour");
    assert_eq!(code(8), "escalated_already", "a hand-over that did not happen is not claimed");
    assert_eq!(code(9), "not_found", "an answer that reaches nobody is not claimed");
    let page = value(0)["status_page"].as_str().expect("a page");
    let (_, token) = page.split_once('#').expect("a token");
    Submitted { reference: value(0)["ticket"].as_str().expect("text").to_owned(), token: token.to_owned() }
}

/// Waits until the customer has the answer, once.
async fn check_delivered(server: &Server, ticket: &Submitted) {
    let mut count = 1;
    loop {
        let shown = server.wait_for_replies(ticket, count).await;
        let delivered: Vec<&Value> = replies(&shown)
            .into_iter()
            .filter(|reply| reply["content"].as_str().is_some_and(|text| text.contains(MARK)))
            .collect();
        if !delivered.is_empty() {
            assert_eq!(delivered.len(), 1, "sent once: {shown}");
            return;
        }
        count = replies(&shown).len() + 1;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tool_does_what_it_says_over_http() {
    let test_box = answering_box();
    let server = test_box.serve();
    let said = over_http(&server, OPERATOR_TOKEN, &every_tool());
    let ticket = check_every_tool(&said);
    check_delivered(&server, &ticket).await;
    assert!(server.terminate().success());
    let noted = test_box.figures(&[
        "SELECT count(*) FROM audit WHERE action = 'tool.send_response'",
        "SELECT count(*) FROM audit WHERE action = 'tool.escalate_to_human'",
        "SELECT count(*) FROM audit WHERE action = 'tool.get_customer_history'",
        "SELECT count(*) FROM audit WHERE action = 'tool.refused'",
        "SELECT count(*) FROM escalations WHERE resolved_at IS NULL AND category = 'general' AND urgency = 'high'",
    ]);
    assert_eq!(noted, [1, 1, 1, 2, 1], "each call stands in the audit log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tool_does_what_it_says_over_standard_input() {
    let test_box = TestBox::without_models();
    let said = over_stdio(&test_box, &["mcp"], &every_tool());
    let ticket = check_every_tool(&said);
    let server = test_box.serve();
    check_delivered(&server, &ticket).await;
}

/// All three acting tools, and one that reads.
fn trying_to_act(ticket: &str) -> Value {
    json!([
        { "name": "create_ticket", "arguments": {
            "email": "bo@mail.example", "name": "Bo", "subject": "Export", "issue": "Where do I find the export?" } },
        { "name": "send_response", "arguments": { "ticket": ticket, "message": "Hello" } },
        { "name": "escalate_to_human", "arguments": { "ticket": ticket, "reason": "asks for a person" } },
        { "name": "analyze_sentiment", "arguments": { "text": "Thank you, wonderful." } },
    ])
}

fn check_refused(said: &Value) {
    let listed: Vec<&String> = said["tools"].as_object().expect("tools").keys().collect();
    assert_eq!(listed.len(), 3, "only what reads is offered: {listed:?}");
    let results = said["results"].as_array().expect("results");
    for refused in &results[..3] {
        assert_eq!(
            (&refused["error"], &refused["value"]["code"]),
            (&json!(true), &json!("forbidden")),
            "{refused}"
        );
    }
    assert_eq!(results[3]["error"], false, "{}", results[3]);
}

/// A token of a scope, made by the first administrator.
async fn make_token(server: &Server, scope: &str) -> String {
    let post = |path: &str, body: &Value| {
        server.client.post(format!("{}{path}", server.url)).header("x-frontdesk-console", "1").json(body)
    };
    let company = json!({ "name": "Harbour Works", "product": "TaskFlow", "support_email": "help@harbour.example",
                          "disclosure": "Written by a machine.", "sign_off": "Yours" });
    let setup =
        json!({ "administrator": { "name": "kim", "password": "quiet harbour lights" }, "company": company });
    let answer = post("/api/setup", &setup).send().await.expect("an answer");
    assert_eq!(answer.status(), 201);
    let cookie = answer.headers()[header::SET_COOKIE].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let answer = post("/api/tokens", &json!({ "name": "helper", "scope": scope }))
        .header(header::COOKIE, cookie)
        .send()
        .await
        .expect("an answer");
    let made: Value = answer.json().await.expect("JSON");
    made["secret"].as_str().expect("a secret").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_may_only_read_changes_nothing() {
    let test_box = answering_box();
    let server = test_box.serve();
    let form = crate::support::form("ana@mail.example", "Data", "How do I export my data?");
    let submitted = server.submit(&form, None).await;
    server.wait_for_replies(&submitted, 1).await;
    let token = make_token(&server, "read").await;
    check_refused(&over_http(&server, &token, &trying_to_act(&submitted.reference)));
    assert!(server.terminate().success());
    check_refused(&over_stdio(&test_box, &["mcp", "--read-only"], &trying_to_act(&submitted.reference)));
    let after = test_box.figures(&[
        "SELECT count(*) FROM tickets",
        "SELECT count(*) FROM messages WHERE author IS NOT NULL",
        "SELECT count(*) FROM escalations",
        "SELECT count(*) FROM audit WHERE action = 'tool.refused'",
    ]);
    assert_eq!(after, [1, 0, 0, 6], "nothing was done, and each attempt is noted");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_gets_in_without_a_token_of_their_own() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let hello = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } } });
    let post = || {
        server
            .client
            .post(format!("{}/mcp", server.url))
            .header(header::ACCEPT, "application/json, text/event-stream")
            .json(&hello)
    };
    assert_eq!(post().send().await.expect("an answer").status(), 401, "no token");
    assert_eq!(post().bearer_auth("guessed").send().await.expect("an answer").status(), 401, "a wrong token");
    let welcome = post().bearer_auth(OPERATOR_TOKEN).send().await.expect("an answer");
    assert_eq!(welcome.status(), 200);
    let elsewhere = post().bearer_auth(OPERATOR_TOKEN).header(header::ORIGIN, "https://evil.example");
    assert_eq!(elsewhere.send().await.expect("an answer").status(), 403, "another site's page");
}
