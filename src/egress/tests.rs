use super::*;
use crate::egress::client::{Client, ClientSettings};
use async_trait::async_trait;
use rstest::rstest;
use std::sync::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

#[derive(Default)]
struct Book {
    entries: Mutex<Vec<Departure>>,
    full: bool,
}

#[async_trait]
impl EgressLedger for Book {
    async fn record(&self, departure: Departure) -> Result<(), StoreError> {
        if self.full {
            return Err(StoreError::Unwritable("the disk is full".to_owned()));
        }
        self.entries.lock().expect("free").push(departure);
        Ok(())
    }
}

fn client(book: &Arc<Book>, offline: bool) -> Client {
    Client::new(Gate { ledger: book.clone(), offline }, ClientSettings::default()).expect("a client")
}

/// Answers one request with `answer`; what was asked.
async fn serve_once(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/path", listener.local_addr().expect("an address"));
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.expect("a request");
        stream.write_all(answer.as_bytes()).await.expect("answered");
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    (url, asked)
}

#[rstest]
#[case("127.0.0.1:80", true)]
#[case("[::1]:443", true)]
#[case("localhost:25", true)]
#[case("localhost.example.com:25", false)]
#[case("192.168.1.1:80", false)]
#[case("127.0.0.1.example.com:80", false)]
fn only_the_loopback_network_is_this_machine(#[case] destination: &str, #[case] expected: bool) {
    assert_eq!(is_this_machine(destination), expected);
}

#[tokio::test]
async fn what_leaves_stands_in_the_ledger_before() {
    let (url, asked) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
    let book = Arc::new(Book::default());
    let client = client(&book, false);
    let request = client.request(reqwest::Method::POST, url.parse().expect("a URL")).body("hello");
    let answer = client.fetch(Purpose::Whatsapp, None, request, 100).await.expect("an answer");
    assert_eq!((answer.status, answer.body.as_slice()), (200, b"ok".as_slice()));
    assert!(asked.await.expect("asked").ends_with("hello"));
    let entries = book.entries.lock().expect("free");
    assert_eq!(entries.len(), 1);
    assert!(entries[0].byte_count > 5, "request line and headers count");
    assert!(entries[0].destination.starts_with("127.0.0.1:"));
}

#[tokio::test]
async fn an_offline_box_reaches_no_other_machine() {
    let book = Arc::new(Book::default());
    let client = client(&book, true);
    let request = client.request(reqwest::Method::GET, "http://192.0.2.1/".parse().expect("a URL"));
    let refused = client.send(Purpose::Notification, None, request).await.expect_err("refused");
    assert!(matches!(refused, EgressError::Offline(_)), "{refused}");
    assert!(book.entries.lock().expect("free").is_empty());
}

#[tokio::test]
async fn what_cannot_be_recorded_does_not_leave() {
    let book = Arc::new(Book { full: true, ..Book::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let client = client(&book, false);
    let request = client.request(reqwest::Method::GET, url.parse().expect("a URL"));
    let refused = client.send(Purpose::Mail, None, request).await.expect_err("refused");
    assert!(matches!(refused, EgressError::Ledger(_)), "{refused}");
}

#[tokio::test]
async fn a_body_over_the_limit_is_not_read_to_its_end() {
    let (url, _asked) = serve_once("HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world").await;
    let book = Arc::new(Book::default());
    let client = client(&book, false);
    let request = client.request(reqwest::Method::GET, url.parse().expect("a URL"));
    let refused = client.fetch(Purpose::Whatsapp, None, request, 5).await.expect_err("too large");
    assert!(matches!(refused, EgressError::TooLarge { limit_bytes: 5, .. }), "{refused}");
}

#[tokio::test]
async fn a_closed_port_means_that_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/secret?token=1", listener.local_addr().expect("an address"));
    drop(listener);
    let book = Arc::new(Book::default());
    let client = client(&book, false);
    let request = client.request(reqwest::Method::GET, url.parse().expect("a URL"));
    let refused = client.send(Purpose::SignIn, None, request).await.expect_err("closed");
    assert!(matches!(refused, EgressError::Unreachable { .. }), "{refused}");
    assert!(!refused.to_string().contains("token"), "addresses may hold secrets: {refused}");
}
