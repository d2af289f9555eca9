//! Teams are told of hand-overs: by a signed webhook and by mail; and who cannot be told shows.

use crate::{
    email_channel::mail_box,
    support::{PATIENCE, Server, TestBox, form, mail_servers::MailServers},
};
use frontdesk::channels::notification::signature;
use serde_json::Value;
use std::sync::Arc;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{Mutex, mpsc},
};

const SECRET: &str = "a-shared-secret-for-tests-0123456789";

/// One request as it came.
struct Request {
    head: String,
    body: String,
}

impl Request {
    fn header(&self, name: &str) -> String {
        let found = self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        found.unwrap_or_default().to_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }
}

/// A webhook that answers with these statuses, the last one for ever.
struct Receiver {
    url: String,
    requests: mpsc::UnboundedReceiver<Request>,
}

impl Receiver {
    async fn start(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hooks/frontdesk", listener.local_addr().expect("an address"));
        let (sender, requests) = mpsc::unbounded_channel();
        let count = Arc::new(Mutex::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, statuses, count.clone(), sender.clone()));
            }
        });
        Self { url, requests }
    }

    async fn next(&mut self) -> Request {
        let next = tokio::time::timeout(PATIENCE, self.requests.recv()).await;
        next.expect("a request in time").expect("the receiver lives")
    }
}

async fn answer(
    mut stream: TcpStream,
    statuses: &'static [u16],
    count: Arc<Mutex<usize>>,
    sender: mpsc::UnboundedSender<Request>,
) {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                let mut count = count.lock().await;
                let status = statuses[(*count).min(statuses.len() - 1)];
                *count += 1;
                let _ = sender.send(Request { head: head.to_owned(), body: body.to_owned() });
                let answer = format!("HTTP/1.1 {status} .\r\ncontent-length: 0\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.expect("answered");
                bytes.clear();
            }
        }
        let mut piece = [0; 8192];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return,
            Ok(length) => bytes.extend_from_slice(&piece[..length]),
        }
    }
}

async fn ask_for_money_back(server: &Server) -> String {
    let refund = form(
        "ana@example.org",
        "Refund",
        "I was charged twice and want my money back, please refund me now.",
    );
    server.submit(&refund, None).await.reference
}

fn telling(receiver: &Receiver) -> TestBox {
    TestBox::without_models()
        .set("notifications.webhook_url", &receiver.url)
        .set("notifications.webhook_secret", SECRET)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_is_told_signed_and_again_until_it_takes_it() {
    let mut receiver = Receiver::start(&[503, 204]).await;
    let test_box = telling(&receiver);
    let server = test_box.serve();
    let reference = ask_for_money_back(&server).await;
    let first = receiver.next().await;
    server.wait_for_link("webhook", "failing").await;
    let second = receiver.next().await;
    for request in [&first, &second] {
        let time = request.header("x-frontdesk-timestamp");
        assert_eq!(
            request.header("x-frontdesk-signature"),
            signature(SECRET, &time, request.body.as_bytes())
        );
        assert_eq!(request.json()["ticket"], reference);
        assert_eq!(request.json()["category"], "billing");
        assert!(!request.body.contains("money back") && !request.body.contains("ana@"), "{}", request.body);
    }
    assert_eq!(first.body, second.body, "an attempt is the same note");
    server.wait_for_link("webhook", "ok").await;
    assert!(server.terminate().success());
    assert_eq!(test_box.figures(&["SELECT count(*) FROM escalations WHERE notified_at IS NOT NULL"]), [1]);
    assert!(test_box.run(&["egress", "list"]).expect("listed").contains("notification"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_refuses_shows_on_the_ticket_and_in_the_health_report() {
    let mut receiver = Receiver::start(&[401]).await;
    let test_box = telling(&receiver);
    let server = test_box.serve();
    let reference = ask_for_money_back(&server).await;
    receiver.next().await;
    let failing = server.wait_for_link("webhook", "failing").await;
    assert!(failing["reason"].as_str().is_some_and(|reason| reason.contains("401")), "{failing}");
    assert_eq!(server.get("/health/ready").await.0, 200, "customers are answered all the same");
    let (_, conversation) = server.get_as_operator(&format!("/api/conversations/{reference}")).await;
    assert!(conversation.to_string().contains("could not be told of ESC-"), "{conversation}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_team_gets_one_mail_that_leads_to_the_ticket() {
    let servers = MailServers::shared();
    let test_box = mail_box(&servers, "notes")
        .set("notifications.mail", "true")
        .set("notifications.mail_to", "[\"billing-team@local.test\"]");
    let server = test_box.serve();
    let reference = ask_for_money_back(&server).await;
    let mails = tokio::task::block_in_place(|| servers.wait_for_mails("billing-team", "", 1));
    assert_eq!(mails.len(), 1);
    let mail = mails[0].replace("=\r\n", "").replace("=\n", "");
    assert!(mail.contains(&reference) && mail.contains(&format!("/console/inbox/{reference}")), "{mail}");
    assert!(mail.contains("Auto-Submitted: auto-replied"), "{mail}");
    server.wait_for_link("team_mail", "ok").await;
}
