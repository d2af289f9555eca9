//! What stands around the conversations: files that came with them, ratings, copies of the store, the ledger, and the interface's own
//! description; against the real program without any model.

use crate::{
    console_api::Console,
    support::{TestBox, form},
};
use reqwest::{Method, header};
use serde_json::{Value, json};

/// A page that was stored as a file must not run in the console's place, and a mail's HTML must not run at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_and_formatted_mails_are_handed_out_so_that_nothing_in_them_runs() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let ticket = server.submit(&form("ana@example.com", "Export", "How do I export my data?"), None).await;
    Console::set_up(&server).await;
    server.terminate();
    put_a_mails_belongings(&test_box);
    let server = test_box.serve();
    let kim = Console::sign_in(&server, "kim").await;
    let detail = kim.get(&format!("/api/conversations/{}", ticket.reference)).await;
    let message = &detail["thread"][0];
    assert_eq!(message["formatted"], true);
    let file = &message["attachments"][0];
    assert_eq!((file["name"].as_str(), file["bytes"].as_u64()), (Some("r\u{e9}sum\u{e9}.html"), Some(25)));

    let file = kim
        .send(Method::GET, &format!("/api/attachments/{}", file["id"].as_str().expect("an id")), None)
        .await;
    let headers = file.headers().clone();
    let named = |name: header::HeaderName| headers[name].to_str().expect("text").to_owned();
    assert_eq!(named(header::CONTENT_TYPE), "application/octet-stream", "HTML is no page here");
    assert!(named(header::CONTENT_DISPOSITION).starts_with("attachment; filename=\"r_sum_.html\""));
    assert!(named(header::CONTENT_SECURITY_POLICY).starts_with("sandbox; default-src 'none'"));
    assert_eq!(
        (named(header::X_CONTENT_TYPE_OPTIONS).as_str(), named(header::CACHE_CONTROL).as_str()),
        ("nosniff", "no-store")
    );
    assert_eq!(file.text().await.expect("a body"), "<script>alert(1)</script>");

    let path = format!("/api/messages/{}/formatted", message["id"].as_str().expect("an id"));
    let page = kim.send(Method::GET, &path, None).await;
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
    assert!(
        policy.contains("sandbox")
            && policy.contains("default-src 'none'")
            && !policy.contains("allow-scripts"),
        "{policy}"
    );
    let page = page.text().await.expect("a body");
    assert!(page.contains("<img src=\"data:image/png;base64,iVBORw==\">"), "{page}");
    let (status, _) = Console::signed_out(&server).call(Method::GET, &path, None).await;
    assert_eq!(status, 401, "only those who work here");
    assert_eq!(
        kim.call(Method::GET, "/api/attachments/00000000-0000-4000-8000-000000000000", None).await.0,
        404
    );
}

/// A file that is a page, a picture, and HTML that shows the picture, at the one message there is.
fn put_a_mails_belongings(test_box: &TestBox) {
    let connection = rusqlite::Connection::open(test_box.folder.path().join("data/frontdesk.db"))
        .expect("the store opens");
    let message: Vec<u8> = connection
        .query_row("SELECT id FROM messages WHERE direction = 'inbound'", [], |row| row.get(0))
        .expect("a message");
    connection
        .execute("UPDATE messages SET html = '<p>Hi</p><img src=\"cid:pic\">' WHERE id = ?1", [&message])
        .expect("changed");
    let sql = "INSERT INTO mail_headers (message_id, rfc_message_id, from_address, authenticated)
               VALUES (?1, 'a@example.com', 'ana@example.com', 'pass')";
    connection.execute(sql, [&message]).expect("a mail");
    let sql = "INSERT INTO attachments (id, message_id, position, name, media_type, byte_length, sha256, content_id, content)
               VALUES (randomblob(16), ?1, ?2, ?3, ?4, ?5, zeroblob(32), ?6, ?7)";
    let script = b"<script>alert(1)</script>".to_vec();
    let picture = vec![0x89_u8, 0x50, 0x4e, 0x47];
    connection
        .execute(
            sql,
            rusqlite::params![
                message,
                0,
                "r\u{e9}sum\u{e9}.html",
                "text/html",
                25_i64,
                None::<String>,
                script
            ],
        )
        .expect("kept");
    connection
        .execute(sql, rusqlite::params![message, 1, "pic.png", "image/png", 4_i64, "pic", picture])
        .expect("kept");
}

/// Programs that look through mail open every link: only a person's click may count.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rating_counts_by_its_button_alone_and_can_be_switched_off() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    let ticket = server.submit(&form("ana@example.com", "Export", "How do I export my data?"), None).await;
    let link = server.ticket(&ticket).await["rating_url"].as_str().expect("a link").to_owned();
    for path in [link.clone(), format!("{link}/4")] {
        let page = server.client.get(format!("{}{path}", server.url)).send().await.expect("an answer");
        assert_eq!(page.status(), 200);
        assert!(page.text().await.expect("a body").contains("<form method=\"post\""));
    }
    assert_eq!(kim.get("/api/ratings").await["items"], json!([]), "looking at it counts for nothing");
    let clicked = server.client.post(format!("{}{link}/4", server.url)).send().await.expect("an answer");
    assert!(clicked.text().await.expect("a body").contains("You gave 4 of 5"));
    assert_eq!(kim.get("/api/ratings").await["items"][0]["score"], 4);
    assert_eq!(server.get(&format!("{link}x")).await.0, 404, "a forged link");

    let mut company = kim.get("/api/company").await;
    company["ask_rating"] = json!(false);
    assert_eq!(kim.call(Method::PUT, "/api/company", Some(&company)).await.0, 200);
    assert_eq!(server.ticket(&ticket).await["rating_url"], Value::Null);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_connections_and_the_ledger_are_for_those_who_may_see_them() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    assert_eq!(kim.get("/api/backups").await["items"], json!([]));
    let (status, made) = kim.post("/api/backups", &json!({})).await;
    assert_eq!(status, 201, "{made}");
    assert_eq!(kim.get("/api/backups").await["items"][0]["name"], made["name"]);
    assert!(made["bytes"].as_u64() > Some(0), "{made}");
    assert_eq!(kim.get("/api/channels").await["items"], json!([]), "no provider is set up");
    assert_eq!(kim.get("/api/egress").await["items"], json!([]), "nothing left this box");
    assert_eq!(kim.get("/api/egress/check").await, json!({ "whole": true, "row": 0 }));
    kim.make_user("olga", "operator").await;
    let olga = Console::sign_in(&server, "olga").await;
    for (method, path) in
        [(Method::GET, "/api/backups"), (Method::POST, "/api/backups"), (Method::GET, "/api/egress/check")]
    {
        let body = (method == Method::POST).then(|| json!({}));
        assert_eq!(olga.call(method, path, body.as_ref()).await.0, 403, "{path}");
    }
}

/// Programs read problems: an address that cannot be read must not be answered in the framework's plain words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_an_address_is_told_as_a_problem() {
    let test_box = TestBox::without_models();
    let server = test_box.serve();
    let kim = Console::set_up(&server).await;
    for (path, code) in [
        ("/api/conversations?limit=many", "invalid_query"),
        ("/api/knowledge/gaps?days=-1", "invalid_query"),
        ("/api/conversations/%FF", "invalid_path"),
        ("/help/%FF", "invalid_path"),
    ] {
        let response = kim.send(Method::GET, path, None).await;
        assert_eq!(response.status(), 400, "{path}");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json", "{path}");
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["code"], code, "{path}: {body}");
    }
}

/// The console's types are made from this file.
#[test]
fn the_checked_in_description_is_what_the_program_says() {
    let said = TestBox::new(&[]).run(&["openapi"]).expect("described");
    let kept = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/console/openapi.json"))
        .expect("a file");
    assert!(
        said == kept,
        "the interface has changed: frontdesk openapi > console/openapi.json && (cd console && npm run types)"
    );
}
