//! A box behind a router, reached through a relay that it asks from inside.

use crate::{
    channel_contract::{box_with, question},
    providers::{Call, Carrier},
    support::{PATIENCE, TestBox},
};
use frontdesk::ports::relay::{NEXT_PATH, NONCE_HEADER, PROOF_HEADER, TIME_HEADER, proof};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

const KEY: &str = "0123456789abcdef0123456789abcdef0123456789abcdef";

struct Relay {
    child: Child,
    url: String,
}

impl Relay {
    fn start(listen: &str) -> Self {
        let settings = TestBox::new(&[]).set("relay.key", KEY);
        let mut command = settings.command(&["relay", "serve", "--listen", listen]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("standard output")).read_line(&mut line).expect("a line");
        let url =
            line.split_whitespace().find(|word| word.starts_with("http://")).expect("an address").to_owned();
        Self { child, url }
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn through(relay: &str, call: &Call) -> u16 {
    let request = reqwest::Client::new()
        .post(format!("{relay}{}", call.path))
        .header("content-type", call.content_type)
        .header(call.signature.0, &call.signature.1)
        .body(call.body.clone());
    request.send().await.map_or(0, |response| response.status().as_u16())
}

/// As a provider does: sends again while told to.
async fn until_taken(relay: &str, call: &Call) {
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match through(relay, call).await {
            200 => return,
            0 | 503 => tokio::time::sleep(Duration::from_millis(50)).await,
            other => panic!("the relay answered {other}"),
        }
    }
    panic!("the box never took it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_box_is_reached_through_the_relay_and_again_after_either_was_away() {
    let (test_box, fake) = box_with(Carrier::Twilio).await;
    let relay = Relay::start("127.0.0.1:0");
    let message = question(Carrier::Twilio, "m-1");
    assert_eq!(
        through(&relay.url, &message).await,
        503,
        "no box has asked yet: the provider is to come again"
    );
    let test_box = test_box.set("relay.url", &relay.url).set("relay.key", KEY);
    let server = test_box.serve();
    until_taken(&relay.url, &message).await;
    let forged = Call { body: message.body.replace("export", "delete"), ..message.clone() };
    assert_eq!(through(&relay.url, &forged).await, 403, "the box checks signatures itself");
    fake.wait_for_sent(1).await;

    server.kill();
    let server = test_box.serve();
    until_taken(&relay.url, &question(Carrier::Twilio, "m-2")).await;
    let address = relay.url.trim_start_matches("http://").to_owned();
    drop(relay);
    let relay = Relay::start(&address);
    until_taken(&relay.url, &question(Carrier::Twilio, "m-3")).await;
    until_taken(&relay.url, &message).await;
    assert!(server.terminate().success());
    assert_eq!(test_box.figures(&["SELECT count(*) FROM messages WHERE direction = 'inbound'"]), [3]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_else_gets_calls_from_the_relay_and_no_question_counts_twice() {
    let relay = Relay::start("127.0.0.1:0");
    let ask = |key: &str, time: i64, nonce: &str| {
        let time = time.to_string();
        let proof = proof(key, &[NEXT_PATH.as_bytes(), time.as_bytes(), nonce.as_bytes(), b""]);
        let request = reqwest::Client::new()
            .post(format!("{}{NEXT_PATH}", relay.url))
            .header(TIME_HEADER, time)
            .header(NONCE_HEADER, nonce)
            .header(PROOF_HEADER, proof)
            .timeout(Duration::from_millis(500));
        async move { request.send().await.map_or(0, |response| response.status().as_u16()) }
    };
    let now = jiff::Timestamp::now().as_second();
    assert_eq!(ask("another key of the same length as the right one", now, "n-1").await, 403);
    assert_eq!(ask(KEY, now - 120, "n-2").await, 403, "too old");
    assert_eq!(ask(KEY, now + 120, "n-3").await, 403, "from the future");
    assert_eq!(ask(KEY, now, "n-4").await, 0, "held: it is the box's");
    assert_eq!(ask(KEY, now, "n-4").await, 403, "the same question again is not");
}
