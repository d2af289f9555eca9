//! Running the box, from the outside: security headers everywhere, HTTPS with the box's own authority, figures without customers in them, a
//! disk that fills up, and a person's rights over the API, against the real program without any model.

use crate::support::{OPERATOR_TOKEN, Server, TestBox, form};
use reqwest::header;
use serde_json::{Value, json};

/// Routes that the description of the console's API does not hold.
const OTHER_ROUTES: &[&str] = &[
    "/",
    "/status/TF-20261122-AB12",
    "/assets/nothing.js",
    "/favicon.svg",
    "/widget.js",
    "/help.css",
    "/help/nothing",
    "/console",
    "/console/inbox",
    "/health",
    "/health/ready",
    "/metrics",
    "/metrics/channels",
    "/support/config",
    "/support/submit",
    "/support/health",
    "/support/ticket/TF-20261122-AB12",
    "/support/ticket/TF-20261122-AB12/messages",
    "/support/ticket/TF-20261122-AB12/feedback",
    "/support/ticket/TF-20261122-AB12/events",
    "/support/rate/x/5",
    "/conversations/019ab000-0000-7000-8000-000000000000",
    "/webhooks/nothing",
    "/api/decisions",
    "/api/decisions/019ab000-0000-7000-8000-000000000000",
    "/api/openapi.json",
    "/no/such/page",
];

/// Every path the box knows, with something in the place of its parameters.
async fn every_path(server: &Server) -> Vec<String> {
    let (status, description) = server.get("/api/openapi.json").await;
    assert_eq!(status, 200);
    let described = description["paths"].as_object().expect("paths").keys().map(|path| {
        let mut filled = String::new();
        let mut rest = path.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (_, after) = after.split_once('}').expect("a parameter ends");
            filled.push_str(before);
            filled.push_str("019ab000-0000-7000-8000-000000000000");
            rest = after;
        }
        filled + rest
    });
    described.chain(OTHER_ROUTES.iter().map(|path| (*path).to_owned())).collect()
}

#[tokio::test]
async fn every_route_answers_with_the_headers_that_keep_browsers_safe() {
    let test_box = TestBox::without_models().set("server.public_url", "https://desk.example");
    let server = test_box.serve();
    let paths = every_path(&server).await;
    assert!(paths.len() > 70, "{} paths", paths.len());
    for path in paths {
        for method in [reqwest::Method::GET, reqwest::Method::POST] {
            let request = server.client.request(method.clone(), format!("{}{path}", server.url));
            let response = request.send().await.expect("an answer");
            let headers = response.headers();
            let text =
                |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert!(text("content-security-policy").contains("default-src 'self'"), "{method} {path}");
            assert_eq!(text("x-content-type-options"), "nosniff", "{method} {path}");
            assert_eq!(text("x-frame-options"), "DENY", "{method} {path}");
            assert_eq!(text("referrer-policy"), "no-referrer", "{method} {path}");
            assert_eq!(text("cross-origin-opener-policy"), "same-origin", "{method} {path}");
            assert_eq!(text("strict-transport-security"), "max-age=31536000", "{method} {path}");
            assert!(response.status().as_u16() != 500, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_box_serves_https_with_a_certificate_of_its_own_authority() {
    let test_box = TestBox::without_models().set("server.tls.self_made", "true");
    let created = test_box.run(&["tls", "create", "--name", "desk.lan"]).expect("made");
    assert!(created.contains("A certificate was made.") && created.contains("desk.lan"), "{created}");
    let again = test_box.run(&["tls", "create"]).expect("there");
    assert!(again.contains("good as it is") && again.contains("desk.lan"), "{again}");
    let fingerprint = |text: &str| {
        let line = text.lines().find(|line| line.contains("fingerprint")).expect("a fingerprint");
        line.split_whitespace().nth(1).expect("digits").to_owned()
    };
    assert_eq!(fingerprint(&created), fingerprint(&again));

    let server = test_box.serve();
    assert!(server.url.starts_with("https://"), "{}", server.url);
    let authority = std::fs::read(test_box.folder.path().join("data/tls/ca.pem")).expect("the authority");
    let authority = reqwest::Certificate::from_pem(&authority).expect("a certificate");
    let port = server.url.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let client = reqwest::Client::builder()
        .tls_certs_only([authority])
        .resolve("desk.lan", std::net::SocketAddr::from(([127, 0, 0, 1], port)))
        .build()
        .expect("a client");
    for host in ["desk.lan", "localhost", "127.0.0.1"] {
        let response = client.get(format!("https://{host}:{port}/health")).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{host}");
    }
    let stranger = reqwest::Client::new().get(format!("{}/health", server.url)).send().await;
    assert!(stranger.is_err(), "nobody trusts it by chance");
    let plain = reqwest::get(format!("http://127.0.0.1:{port}/health")).await;
    assert!(plain.is_err(), "nothing is said in the clear");
    let health = test_box.command(&["healthcheck", "--url", &server.url]).output().expect("runs");
    assert!(!health.status.success(), "a named address must be trusted");
    assert!(server.terminate().success(), "it ends in order");
}

#[tokio::test]
async fn figures_are_for_those_who_may_read_them_and_name_no_customer() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let submitted =
        server.submit(&form("walrus@example.org", "Exports", "How do I export my data?"), None).await;
    server.wait_for_replies(&submitted, 1).await;

    let (status, page) = server.get("/metrics").await;
    assert_eq!(status, 200);
    let page = page.as_str().expect("text");
    for name in [
        "frontdesk_turns_total{decision=\"",
        "frontdesk_step_seconds_bucket{step=\"total\"",
        "frontdesk_deliveries_total{channel=\"web\",outcome=\"delivered\"} 1",
        "frontdesk_sentiment_count 1",
        "frontdesk_confidence_count 1",
        "frontdesk_queue_waiting 0",
        "frontdesk_open_tickets 1",
        "frontdesk_memory_mib",
        "frontdesk_database_mib",
        "frontdesk_disk_free_mib",
        "frontdesk_alert_firing{alert=\"the queue does not move\"",
        "route=\"/support/ticket/{reference}\"",
    ] {
        assert!(page.contains(name), "{name} is missing in\n{page}");
    }
    for trace in ["walrus", "Ana Li", submitted.reference.as_str(), submitted.token.as_str()] {
        assert!(!page.contains(trace), "{trace} is a customer's");
    }

    let handed_on = |token: Option<&str>| {
        let request =
            server.client.get(format!("{}/metrics", server.url)).header("x-forwarded-for", "203.0.113.9");
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    };
    assert_eq!(
        handed_on(None).send().await.expect("an answer").status(),
        401,
        "a proxy's guest is not the proxy"
    );
    assert_eq!(handed_on(Some(OPERATOR_TOKEN)).send().await.expect("an answer").status(), 200);
    drop(server);
    let test_box = test_box.set("metrics.allow", "[]");
    let closed = test_box.serve();
    assert_eq!(closed.get("/metrics").await.0, 401);
    let report = closed_report(&closed).await;
    assert!(report.contains("web"), "{report}");
}

/// The report is of the same store.
async fn closed_report(server: &Server) -> String {
    let (_, figures) = server.get_as_operator("/metrics/channels?hours=1").await;
    figures["channels"].to_string()
}

#[tokio::test]
async fn too_little_space_refuses_new_messages_and_says_so() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let earlier = server.submit(&form("ana@example.org", "Exports", "How do I export my data?"), None).await;
    server.wait_for_replies(&earlier, 1).await;
    drop(server);
    // More than any disk has.
    let full = test_box.set("data.keep_free_mib", "1000000000");
    let server = full.serve();
    let request = server.client.post(format!("{}/support/submit", server.url)).json(&form(
        "ben@example.org",
        "Imports",
        "How do I import?",
    ));
    let refused = request.send().await.expect("an answer");
    assert_eq!(refused.status(), 503);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "60");
    let (status, health) = server.get_as_operator("/health/ready").await;
    assert_eq!((status, &health["store"]), (503, &json!("ready")), "{health}");
    assert!(health["disk"].as_str().is_some_and(|text| text.contains("nearly full")), "{health}");
    let ticket = server.ticket(&earlier).await;
    assert_eq!(
        ticket["ticket_id"].as_str(),
        Some(earlier.reference.as_str()),
        "what is there can be read: {ticket}"
    );
    let doctor = full.command(&["doctor"]).output().expect("runs");
    let said =
        String::from_utf8_lossy(&doctor.stdout).into_owned() + &String::from_utf8_lossy(&doctor.stderr);
    assert!(said.contains("keep_free_mib"), "{said}");
}

#[tokio::test]
async fn an_administrator_exports_and_erases_a_customer_and_nobody_else_may() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let mail = "walrus@example.org";
    let submitted = server.submit(&form(mail, "Quokka question", "How do I export my data?"), None).await;
    server.wait_for_replies(&submitted, 1).await;
    let administrator = administrator(&server).await;
    let call = |method: reqwest::Method, path: String, body: Option<Value>| {
        let mut request =
            server.client.request(method, format!("{}{path}", server.url)).bearer_auth(&administrator);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send()
    };
    let found =
        call(reqwest::Method::GET, format!("/api/customers?q={mail}"), None).await.expect("an answer");
    let found: Value = found.json().await.expect("JSON");
    let id = found["items"][0]["id"].as_str().expect("a customer").to_owned();

    for (method, action) in [("GET", "export"), ("POST", "erase")] {
        let body = (action == "erase").then(|| json!({ "confirm": "erase" }));
        let path = format!("/api/customers/{id}/{action}");
        let (status, _) = server.as_operator(method, &path, body.as_ref()).await;
        assert_eq!(status, 403, "{action} takes an administrator");
    }
    let exported =
        call(reqwest::Method::GET, format!("/api/customers/{id}/export"), None).await.expect("an answer");
    assert_eq!(exported.headers()[header::CONTENT_TYPE], "application/zip");
    let bytes = exported.bytes().await.expect("a file");
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a ZIP file");
    let mut records = String::new();
    std::io::Read::read_to_string(&mut archive.by_name("records.json").expect("records"), &mut records)
        .expect("text");
    assert!(records.contains(mail) && records.contains("Quokka question"));

    let erase = |confirm: &str| {
        call(reqwest::Method::POST, format!("/api/customers/{id}/erase"), Some(json!({ "confirm": confirm })))
    };
    assert_eq!(erase("yes").await.expect("an answer").status(), 422);
    let receipt = erase("erase").await.expect("an answer");
    assert_eq!(receipt.status(), 200);
    let receipt: Value = receipt.json().await.expect("JSON");
    assert_eq!(receipt["counts"]["customers"], 1, "{receipt}");
    assert!(!receipt.to_string().contains(mail));
    let (status, _) =
        server.get(&format!("/support/ticket/{}?token={}", submitted.reference, submitted.token)).await;
    assert_eq!(status, 404, "the ticket is gone");
    drop(server);
    for name in ["frontdesk.db", "frontdesk.db-wal"] {
        let bytes = std::fs::read(test_box.folder.path().join("data").join(name)).unwrap_or_default();
        for trace in ["walrus@", "Quokka"] {
            let held = bytes.windows(trace.len()).any(|window| window == trace.as_bytes());
            assert!(!held, "{trace} is in {name}");
        }
    }
}

/// A token that may do everything.
async fn administrator(server: &Server) -> String {
    let company = json!({ "name": "Harbour", "product": "TaskFlow", "support_email": "help@harbour.example",
                          "disclosure": "", "sign_off": "" });
    let password = "quiet harbour lights";
    let body = json!({ "administrator": { "name": "kim", "password": password }, "company": company });
    let console = |path: &str, cookie: &str, body: &Value| {
        let request = server.client.post(format!("{}{path}", server.url)).header("x-frontdesk-console", "1");
        request.header(header::COOKIE, cookie).json(body).send()
    };
    let response = console("/api/setup", "", &body).await.expect("an answer");
    assert_eq!(response.status(), 201);
    let cookie = response.headers()[header::SET_COOKIE].to_str().expect("text");
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let token = json!({ "name": "rights", "scope": "admin" });
    let made: Value =
        console("/api/tokens", &cookie, &token).await.expect("an answer").json().await.expect("JSON");
    made["secret"].as_str().unwrap_or_else(|| panic!("a token: {made}")).to_owned()
}
