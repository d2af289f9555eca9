//! The operators' console from the outside: first run, signing in, roles, forged requests, tokens, the inbox and what is done in it, live
//! events, documents and settings, against the real program without any model.

use crate::support::{PATIENCE, Server, Submitted, TestBox, form, replies};
use reqwest::{Method, Response, header};
use serde_json::{Value, json};
use std::time::Instant;

const PASSWORD: &str = "quiet harbour lights";

/// A browser with the console open: keeps the cookie and says that it is the console.
pub struct Console<'a> {
    server: &'a Server,
    cookie: String,
}

impl<'a> Console<'a> {
    pub fn signed_out(server: &'a Server) -> Self {
        Self { server, cookie: String::new() }
    }

    /// The first administrator, kim, with the company set up.
    pub async fn set_up(server: &'a Server) -> Self {
        let company = json!({ "name": "Harbour Works", "product": "TaskFlow", "support_email": "help@harbour.example",
                              "disclosure": "Written by a machine at {company}.", "sign_off": "Yours, {company}" });
        let request = json!({ "administrator": { "name": "kim", "password": PASSWORD }, "company": company });
        let mut console = Self::signed_out(server);
        let response = console.send(Method::POST, "/api/setup", Some(&request)).await;
        assert_eq!(response.status(), 201, "{}", response.text().await.expect("a body"));
        console.keep_cookie(&response);
        console
    }

    pub async fn sign_in(server: &'a Server, name: &str) -> Self {
        let mut console = Self::signed_out(server);
        let request = json!({ "name": name, "password": PASSWORD });
        let response = console.send(Method::POST, "/api/session", Some(&request)).await;
        assert_eq!(response.status(), 200, "{}", response.text().await.expect("a body"));
        console.keep_cookie(&response);
        console
    }

    fn keep_cookie(&mut self, response: &Response) {
        let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        cookie.split(';').next().expect("a pair").clone_into(&mut self.cookie);
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Response {
        let mut request = self
            .server
            .client
            .request(method, format!("{}{path}", self.server.url))
            .header("x-frontdesk-console", "1")
            .header(header::COOKIE, &self.cookie);
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.expect("an answer")
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let response = self.send(method, path, body).await;
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    /// An action on a conversation that must succeed.
    pub async fn act(&self, reference: &str, action: &str, body: &Value) -> Value {
        let (status, result) = self.post(&format!("/api/conversations/{reference}/{action}"), body).await;
        assert_eq!(status, 200, "{action}: {result}");
        result
    }

    pub async fn make_user(&self, name: &str, role: &str) -> String {
        let (status, user) =
            self.post("/api/users", &json!({ "name": name, "password": PASSWORD, "role": role })).await;
        assert_eq!(status, 201, "{user}");
        user["id"].as_str().expect("an id").to_owned()
    }

    /// The conversation once its newest draft waits for approval.
    async fn held_draft(&self, reference: &str, not: Option<&str>) -> Value {
        let end = Instant::now() + PATIENCE;
        loop {
            let detail = self.get(&format!("/api/conversations/{reference}")).await;
            let draft = &detail["assistant"]["draft"];
            if draft["state"] == "held" && draft["void"] == false && draft["id"].as_str() != not {
                return detail;
            }
            assert!(Instant::now() < end, "no draft came to wait: {detail}");
            self.next_event("conversation").await;
        }
    }

    /// Waits for an event of this name, or half a second (it may have passed before we listened).
    async fn next_event(&self, name: &str) {
        let mut stream = self.send(Method::GET, "/api/events", None).await;
        let wanted = format!("event: {name}");
        let heard = async {
            while let Ok(Some(piece)) = stream.chunk().await {
                if String::from_utf8_lossy(&piece).contains(&wanted) {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(std::time::Duration::from_millis(500), heard).await;
    }
}

/// A question that the demo documents answer.
async fn ask(server: &Server, address: &str) -> Submitted {
    server.submit(&form(address, "Exporting", "How do I export my data to a spreadsheet?"), None).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_run_makes_one_administrator_and_roles_hold() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let nobody = Console::signed_out(&server);
    let setup = nobody.get("/api/setup").await;
    assert_eq!(
        (&setup["needs_administrator"], &setup["company"]["name"]),
        (&json!(true), &json!("TaskFlow"))
    );
    let weak = json!({ "administrator": { "name": " ", "password": "short" },
        "company": { "name": "A", "product": "B", "support_email": "a@b.example", "disclosure": "", "sign_off": "" } });
    let (status, refused) = nobody.post("/api/setup", &weak).await;
    assert_eq!((status, refused["errors"].as_array().map(Vec::len)), (422, Some(2)), "{refused}");

    let kim = Console::set_up(&server).await;
    let again = json!({ "administrator": { "name": "eve", "password": PASSWORD },
        "company": { "name": "A", "product": "B", "support_email": "a@b.example", "disclosure": "", "sign_off": "" } });
    let (status, refused) = nobody.post("/api/setup", &again).await;
    assert_eq!((status, &refused["code"]), (409, &json!("already_set_up")), "{refused}");
    assert_eq!(nobody.get("/api/setup").await, json!({ "needs_administrator": false, "company": null }));
    let me = kim.get("/api/session").await;
    assert_eq!(
        (&me["name"], &me["role"], &me["via"]),
        (&json!("kim"), &json!("administrator"), &json!("session"))
    );
    let (_, config) = server.get("/support/config").await;
    assert_eq!(config["company"], "Harbour Works", "what was set holds at once: {config}");

    let ticket = ask(&server, "ana@example.org").await;
    kim.make_user("lee", "operator").await;
    kim.make_user("vic", "viewer").await;
    let (status, taken) =
        kim.post("/api/users", &json!({ "name": "LEE", "password": PASSWORD, "role": "viewer" })).await;
    assert_eq!((status, &taken["code"]), (409, &json!("name_taken")), "{taken}");
    let (lee, vic) = (Console::sign_in(&server, "lee").await, Console::sign_in(&server, "vic").await);
    let note = format!("/api/conversations/{}/notes", ticket.reference);
    let text = json!({ "text": "Known from last week." });
    let list = "/api/conversations?view=all";
    for (console, path, method, body, expected) in [
        (&nobody, list, Method::GET, None, 401),
        (&vic, list, Method::GET, None, 200),
        (&vic, note.as_str(), Method::POST, Some(&text), 403),
        (&lee, note.as_str(), Method::POST, Some(&text), 200),
        (&lee, "/api/users", Method::GET, None, 403),
        (&lee, "/api/audit", Method::GET, None, 403),
        (&kim, "/api/audit", Method::GET, None, 200),
    ] {
        let (status, answer) = console.call(method.clone(), path, body).await;
        assert_eq!(status, expected, "{method} {path}: {answer}");
    }

    // A page of another site can send the cookie at most, never the header.
    let forged =
        server.client.post(format!("{}{note}", server.url)).header(header::COOKIE, &lee.cookie).json(&text);
    let forged = forged.send().await.expect("an answer");
    assert_eq!(forged.status(), 403);
    let (status, refused) = kim
        .call(
            Method::PATCH,
            &format!("/api/users/{}", me["id"].as_str().expect("id")),
            Some(&json!({ "role": "operator" })),
        )
        .await;
    assert_eq!((status, &refused["code"]), (409, &json!("last_administrator")), "{refused}");

    let detail = vic.get(&format!("/api/conversations/{}", ticket.reference)).await;
    let notes: Vec<&Value> =
        detail["thread"].as_array().expect("a thread").iter().filter(|item| item["kind"] == "note").collect();
    assert_eq!((notes.len(), &notes[0]["author"]), (1, &json!("lee")), "{detail}");
    let (_, public) =
        server.get(&format!("/support/ticket/{}?token={}", ticket.reference, ticket.token)).await;
    assert!(!public.to_string().contains("Known from last week"), "a note never leaves");

    assert_eq!(lee.call(Method::DELETE, "/api/session", None).await.0, 204);
    assert_eq!(lee.call(Method::GET, list, None).await.0, 401, "signed out is signed out");
    let description = nobody.get("/api/openapi.json").await;
    let paths = description["paths"].as_object().expect("paths");
    assert!(
        paths.len() > 55 && paths.contains_key("/api/conversations/{reference}/approve"),
        "{}",
        paths.len()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_passwords_lock_a_name_whether_anybody_bears_it_or_not() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let nobody = Console::signed_out(&server);
    for name in ["kim", "nobody"] {
        for _ in 0..5 {
            let wrong = json!({ "name": name, "password": "not the password" });
            let (status, refused) = nobody.post("/api/session", &wrong).await;
            assert_eq!((status, &refused["code"]), (401, &json!("wrong_credentials")), "{name}: {refused}");
        }
        let right = json!({ "name": name.to_uppercase(), "password": PASSWORD });
        let response = nobody.send(Method::POST, "/api/session", Some(&right)).await;
        assert_eq!(response.status(), 429, "{name}");
        let wait: u64 = response.headers()["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!((1..=31).contains(&wait), "{wait}");
    }
    kim.get("/api/session").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_step_is_asked_for_and_no_code_counts_twice() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let (status, refused) = kim.post("/api/account/totp", &json!({ "password": "wrong password" })).await;
    assert_eq!((status, &refused["code"]), (403, &json!("wrong_password")), "{refused}");
    let (status, enrolment) = kim.post("/api/account/totp", &json!({ "password": PASSWORD })).await;
    assert_eq!(status, 200, "{enrolment}");
    assert!(enrolment["qr"].as_str().expect("a picture").starts_with("data:image/png;base64,"));
    let totp = totp_rs::Totp::from_url(enrolment["uri"].as_str().expect("an address")).expect("readable");
    let (status, confirmed) =
        kim.post("/api/account/totp/confirm", &json!({ "code": totp.generate_current().to_string() })).await;
    assert_eq!(status, 200, "{confirmed}");
    let codes = confirmed["recovery_codes"].as_array().expect("codes");
    assert_eq!(codes.len(), 10);

    let nobody = Console::signed_out(&server);
    let sign_in = |code: Option<String>| json!({ "name": "kim", "password": PASSWORD, "code": code });
    let next = totp.generate(totp.next_step_current()).to_string();
    for (code, status, name) in [
        (None, 401, "code_needed"),
        (Some("000000".to_owned()), 401, "wrong_code"),
        (Some(next.clone()), 200, ""),
        (Some(next), 401, "wrong_code"),
        (codes[0].as_str().map(str::to_owned), 200, ""),
        (codes[0].as_str().map(str::to_owned), 401, "wrong_code"),
    ] {
        let (found, answer) = nobody.post("/api/session", &sign_in(code.clone())).await;
        assert_eq!(found, status, "{code:?}: {answer}");
        assert!(status == 200 || answer["code"] == name, "{answer}");
    }
    assert_eq!(kim.get("/api/session").await["recovery_codes_left"], 9);
    let sessions = kim.get("/api/sessions").await;
    assert_eq!(sessions["items"].as_array().expect("sessions").len(), 3, "{sessions}");
    let change = json!({ "current": PASSWORD, "new": "another harbour, other lights" });
    assert_eq!(kim.post("/api/account/password", &change).await.0, 204);
    let sessions = kim.get("/api/sessions").await;
    assert_eq!(sessions["items"].as_array().expect("sessions").len(), 1, "all others ended: {sessions}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_may_what_its_scope_says_until_it_is_revoked() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let (status, made) = kim.post("/api/tokens", &json!({ "name": "reports", "scope": "read" })).await;
    assert_eq!(status, 201, "{made}");
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    assert!(!kim.get("/api/tokens").await.to_string().contains(&secret), "it is shown once");
    let with = |method: Method, path: &str, token: &str| {
        let request = server.client.request(method, format!("{}{path}", server.url)).bearer_auth(token);
        async move { request.json(&json!({})).send().await.expect("an answer").status().as_u16() }
    };
    assert_eq!(with(Method::GET, "/api/conversations", &secret).await, 200);
    assert_eq!(with(Method::POST, "/api/knowledge/reindex", &secret).await, 403);
    assert_eq!(with(Method::POST, "/api/knowledge/reindex", crate::support::OPERATOR_TOKEN).await, 202);
    assert_eq!(with(Method::GET, "/api/users", crate::support::OPERATOR_TOKEN).await, 403);
    let id = made["id"].as_str().expect("an id");
    assert_eq!(kim.call(Method::DELETE, &format!("/api/tokens/{id}"), None).await.0, 204);
    assert_eq!(with(Method::GET, "/api/conversations", &secret).await, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_draft_waits_is_void_when_the_customer_writes_again_and_leaves_only_once_approved() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let entries = json!({ "entries": [{ "channel": "web", "level": "draft" }] });
    assert_eq!(kim.call(Method::PUT, "/api/autonomy", Some(&entries)).await.0, 200);
    let ticket = ask(&server, "ana@example.org").await;
    let reference = &ticket.reference;
    let before = kim.held_draft(reference, None).await;
    assert!(
        before["assistant"]["triage"]["intent"].is_string() && before["row"]["escalation"]["sla"] == "ok",
        "{before}"
    );
    assert_eq!(kim.get("/api/conversations/counts").await["needs_approval"], 1);
    let public = server.wait_for_replies(&ticket, 1).await;
    assert!(
        !replies(&public)[0]["content"].as_str().expect("text").contains("spreadsheet"),
        "nothing of it leaves: {public}"
    );

    let path = format!("/support/ticket/{reference}/messages?token={}", ticket.token);
    let (status, answer) =
        server.post(&path, &json!({ "message": "How do I export my data to a spreadsheet?" }), None).await;
    assert_eq!(status, 200, "{answer}");
    let approve = |detail: &Value| json!({ "draft_id": detail["assistant"]["draft"]["id"], "seen_message_id": detail["newest_message_id"] });
    let (status, refused) =
        kim.post(&format!("/api/conversations/{reference}/approve"), &approve(&before)).await;
    assert!((status == 409 && refused["code"] == "draft_void") || status == 404, "{status} {refused}");

    let old = before["assistant"]["draft"]["id"].as_str();
    let now = kim.held_draft(reference, old).await;
    let approved = kim.act(reference, "approve", &approve(&now)).await;
    let undo = json!({ "outbox_id": approved["undo"]["outbox_id"] });
    let detail = kim.get(&format!("/api/conversations/{reference}")).await;
    assert_eq!(detail["pending"].as_array().expect("pending").len(), 1, "{detail}");
    kim.act(reference, "undo", &undo).await;
    let again = kim.get(&format!("/api/conversations/{reference}")).await;
    assert_eq!(
        (&again["assistant"]["draft"]["state"], again["pending"].as_array().map(Vec::len)),
        (&json!("held"), Some(0))
    );

    kim.act(reference, "approve", &approve(&again)).await;
    // It is a person's now and says nothing of a machine; the notices before it do.
    let end = Instant::now() + PATIENCE;
    loop {
        let public = server.ticket(&ticket).await;
        let approved =
            |reply: &Value| !reply["content"].as_str().expect("text").contains("Written by a machine");
        if replies(&public).iter().any(|reply| approved(reply)) {
            break;
        }
        assert!(Instant::now() < end, "what was approved did not leave: {public}");
        kim.next_event("message").await;
    }
    let (status, late) = kim.post(&format!("/api/conversations/{reference}/undo"), &undo).await;
    assert_eq!((status, &late["code"]), (409, &json!("too_late")), "{late}");
    let audit = kim.get("/api/audit?action=conversation.").await;
    let actions: Vec<&str> = audit["items"]
        .as_array()
        .expect("entries")
        .iter()
        .filter_map(|entry| entry["action"].as_str())
        .collect();
    assert_eq!(actions, ["conversation.approve", "conversation.undo", "conversation.approve"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operators_own_words_reach_the_customer_and_the_assistant_is_silent() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    kim.make_user("lee", "operator").await;
    let lee = Console::sign_in(&server, "lee").await;
    let ticket = ask(&server, "ana@example.org").await;
    server.wait_for_replies(&ticket, 1).await;
    kim.act(&ticket.reference, "take-over", &json!({})).await;
    let reply = format!("/api/conversations/{}/reply", ticket.reference);
    let (status, refused) = lee.post(&reply, &json!({ "text": "Hello" })).await;
    assert_eq!((status, &refused["code"]), (409, &json!("taken_over")), "{refused}");
    kim.act(
        &ticket.reference,
        "reply",
        &json!({ "text": "Hello Ana,\n\nplease use **Settings**.", "close": false }),
    )
    .await;
    let path = format!("/support/ticket/{}/messages?token={}", ticket.reference, ticket.token);
    server.post(&path, &json!({ "message": "How do I export my data to a spreadsheet?" }), None).await;
    // The operator's reply arrives; the assistant answers nothing in between.
    let end = Instant::now() + PATIENCE;
    let public = loop {
        let public = server.ticket(&ticket).await;
        let theirs = |message: &&Value| message["role"] == "operator";
        if public["messages"].as_array().expect("messages").iter().any(|message| theirs(&message)) {
            break public;
        }
        assert!(Instant::now() < end, "{public}");
        kim.next_event("message").await;
    };
    let text =
        public["messages"].as_array().expect("messages").iter().find(|message| message["role"] == "operator");
    let text = text.expect("a reply")["content"].as_str().expect("text").to_owned();
    assert!(text.starts_with("Hello Ana,\n\nplease use Settings."), "{text}");
    assert_eq!(replies(&public).len(), 1, "only what came before the take-over: {public}");
    let row = kim.act(&ticket.reference, "hand-back", &json!({})).await;
    assert_eq!(row["row"]["taken_over_by"], Value::Null, "{row}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_inbox_is_paged_filtered_and_searched() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let mut references = Vec::new();
    for number in 0..7 {
        references.push(ask(&server, &format!("customer{number}@example.org")).await.reference);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = kim.get(&format!("/api/conversations?limit=3&sort=oldest&cursor={cursor}")).await;
        let items = page["items"].as_array().expect("items");
        seen.extend(items.iter().filter_map(|row| row["reference"].as_str().map(str::to_owned)));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    references.sort();
    assert_eq!(seen, references, "every row once");
    assert_eq!(kim.get("/api/conversations?channel=email").await["items"], json!([]));
    let hits = kim.get("/api/search?q=customer3").await;
    assert_eq!(
        (hits["items"].as_array().map(Vec::len), &hits["items"][0]["matched"]),
        (Some(1), &json!("customer")),
        "{hits}"
    );
    assert_eq!(kim.get("/api/search?q=spreadsheet&limit=5").await["items"].as_array().map(Vec::len), Some(5));
    for bad in ["view=nothing", "limit=0", "cursor=%21", "from=yesterday", "assignee=me"] {
        let (status, problem) = kim.call(Method::GET, &format!("/api/conversations?{bad}"), None).await;
        assert!(matches!(status, 400 | 422), "{bad}: {problem}");
    }
    let one = &references[0];
    kim.act(one, "escalate", &json!({ "category": "legal", "urgency": "high", "reason": "a contract" }))
        .await;
    let open = kim.get("/api/escalations?state=open&team=legal%20team").await;
    assert_eq!(open["items"][0]["ticket"], json!(one), "{open}");
    let id = open["items"][0]["id"].as_str().expect("an id");
    let (status, settled) = kim.post(&format!("/api/escalations/{id}/resolve"), &json!({})).await;
    assert_eq!((status, &settled["resolved_by"]), (200, &json!("kim")), "{settled}");
    assert_eq!(kim.post(&format!("/api/escalations/{id}/resolve"), &json!({})).await.0, 409);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_events_come_resume_and_end_with_the_session() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let mut stream = kim.send(Method::GET, "/api/events", None).await;
    let ticket = ask(&server, "ana@example.org").await;
    let mut heard = String::new();
    let end = Instant::now() + PATIENCE;
    while !(heard.contains("event: message")
        && heard.contains(&ticket.reference)
        && heard.contains("event: counts"))
    {
        assert!(Instant::now() < end, "{heard}");
        let piece = stream.chunk().await.expect("a stream").expect("more");
        heard.push_str(&String::from_utf8_lossy(&piece));
    }
    assert!(heard.starts_with("event: hello") || heard.contains("event: hello"), "{heard}");
    let first = heard.lines().find_map(|line| line.strip_prefix("id: ")).expect("a number").to_owned();
    let resumed = |last: String| {
        let request = server.client.get(format!("{}/api/events", server.url));
        let request = request.header(header::COOKIE, &kim.cookie).header("last-event-id", last);
        async move {
            let mut stream = request.send().await.expect("a stream");
            let mut text = String::new();
            while !text.contains("event: reset") && !text.contains("id: ") {
                text.push_str(&String::from_utf8_lossy(
                    &stream.chunk().await.expect("a stream").expect("more"),
                ));
            }
            text
        }
    };
    assert!(!resumed(first).await.contains("event: reset"), "what was missed is sent again");
    assert!(resumed("12".to_owned()).await.contains("event: reset"), "what is not known is read anew");

    let presence = json!({ "reference": ticket.reference, "typing": true });
    assert_eq!(kim.call(Method::PUT, "/api/presence", Some(&presence)).await.0, 204);
    let detail = kim.get(&format!("/api/conversations/{}", ticket.reference)).await;
    assert_eq!(
        detail["viewers"][0],
        json!({ "operator": "kim", "typing": true, "reference": ticket.reference })
    );

    assert_eq!(kim.call(Method::DELETE, "/api/session", None).await.0, 204);
    let ended = async { while stream.chunk().await.is_ok_and(|piece| piece.is_some()) {} };
    tokio::time::timeout(PATIENCE, ended).await.expect("the stream ends with the session");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn documents_settings_and_figures_are_worked_on_in_the_console() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let article = json!({ "title": "Crane telemetry", "markdown": "## Restart the crane telemetry\n\nHold the red knob for ten seconds." });
    let (status, job) = kim.post("/api/knowledge/articles", &article).await;
    assert_eq!(status, 202, "{job}");
    let path = format!("/api/knowledge/jobs/{}", job["id"].as_str().expect("an id"));
    let end = Instant::now() + PATIENCE;
    while kim.get(&path).await["state"] == "running" {
        assert!(Instant::now() < end, "the document was not indexed");
        kim.next_event("knowledge").await;
    }
    let found = kim.get("/api/knowledge/search?q=restart%20crane%20telemetry").await;
    assert!(found["items"][0]["text"].as_str().is_some_and(|text| text.contains("red knob")), "{found}");
    let tried = json!({ "text": "How do I restart the crane telemetry?" });
    let (status, tried) = kim.post("/api/policy/try", &tried).await;
    assert_eq!((status, &tried["first"]["decision"]), (200, &json!("draft")), "{tried}");
    assert!(
        tried["second"]["autonomy"] == "auto" && !tried["retrieval"].as_array().expect("passages").is_empty(),
        "{tried}"
    );
    assert_eq!(kim.get("/api/conversations/counts").await["all"], 0, "trying stores nothing");

    let documents = kim.get("/api/knowledge/documents").await;
    let mine = documents["items"]
        .as_array()
        .expect("documents")
        .iter()
        .find(|d| d["editable"] == true)
        .expect("mine");
    let path = format!("/api/knowledge/documents/{}", mine["id"].as_str().expect("an id"));
    assert_eq!(kim.get(&path).await["passages"].as_array().map(Vec::len), Some(1));
    assert_eq!(kim.call(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(kim.call(Method::GET, &path, None).await.0, 404);
    let part = reqwest_form("evil.exe", b"MZ");
    let upload = server.client.post(format!("{}/api/knowledge/documents", server.url));
    let upload = upload.header("x-frontdesk-console", "1").header(header::COOKIE, &kim.cookie);
    let upload = upload.header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge").body(part);
    assert_eq!(upload.send().await.expect("an answer").status(), 409);

    let (status, made) = kim.post("/api/macros", &json!({ "name": "Hello", "body": "Hello {name}" })).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(kim.post("/api/macros", &json!({ "name": "hello", "body": "x" })).await.0, 409);
    let hours = json!({ "time_zone": "Nowhere/Land", "days": [] });
    assert_eq!(kim.call(Method::PUT, "/api/business-hours", Some(&hours)).await.0, 422);
    assert_eq!(kim.get("/api/business-hours").await["time_zone"], "UTC");

    let ticket = ask(&server, "ana@example.org").await;
    server.wait_for_replies(&ticket, 1).await;
    let link = kim.get(&format!("/api/conversations/{}", ticket.reference)).await["rating_url"].clone();
    let link = link.as_str().expect("a link").rsplit_once("/rate/").expect("a token").1.to_owned();
    let rate = |token: &str, score: u8| {
        let request = server.client.post(format!("{}/support/rate/{token}/{score}", server.url));
        async move { request.send().await.expect("an answer").status().as_u16() }
    };
    assert_eq!(
        (rate(&link, 5).await, rate(&link, 6).await, rate(&format!("{link}x"), 5).await),
        (200, 404, 404)
    );
    assert_eq!(kim.get("/api/ratings").await["items"][0]["score"], 5);
    for report in
        ["volume", "first_response", "resolution", "escalations", "sentiment", "calibration", "satisfaction"]
    {
        let figures = kim.get(&format!("/api/analytics/{report}")).await;
        let columns = figures["columns"].as_array().expect("columns").len();
        let whole = |row: &Value| row.as_array().is_some_and(|row| row.len() == columns);
        assert!(figures["rows"].as_array().expect("rows").iter().all(whole), "{figures}");
    }
    let file = kim.send(Method::GET, "/api/analytics/volume?format=csv", None).await;
    assert_eq!(file.headers()[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(file.text().await.expect("text").starts_with("day,channel,tickets,messages\r\n"));
    let system = kim.get("/api/system").await;
    assert!(system["ready"] == true && system["disk"]["database_bytes"].as_u64() > Some(0), "{system}");
    let page = kim.send(Method::GET, "/console/inbox", None).await;
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(!policy.contains("unsafe-inline") && policy.contains("frame-ancestors 'none'"), "{policy}");
}

/// One file as a browser's form sends it.
fn reqwest_form(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/plain\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(bytes);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    body
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_sites_named_may_hold_the_widget() {
    let test_box = TestBox::without_models().set("server.widget_origins", "[\"https://shop.example\"]");
    let server = test_box.serve();
    let allowed = |origin: &'static str, path: &'static str| {
        let request = server.client.get(format!("{}{path}", server.url)).header(header::ORIGIN, origin);
        async move {
            let response = request.send().await.expect("an answer");
            response
                .headers()
                .get(header::ACCESS_CONTROL_ALLOW_ORIGIN)
                .map(|o| o.to_str().expect("text").to_owned())
        }
    };
    assert_eq!(
        allowed("https://shop.example", "/support/config").await.as_deref(),
        Some("https://shop.example")
    );
    assert_eq!(allowed("https://evil.example", "/support/config").await, None);
    assert_eq!(allowed("https://shop.example", "/api/setup").await, None, "the console is nobody else's");
}
