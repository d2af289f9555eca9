//! What a server's answers mean for a mail, said by a server that does as it is told.

use super::{Connection, SmtpError};
use crate::{
    channels::email::{credential::Credential, outgoing::Composed},
    config::{Secret, Security, SmtpConfig},
    egress::{Dialer, Gate},
    ports::{
        egress::{Departure, EgressLedger},
        store::StoreError,
    },
};
use async_trait::async_trait;
use rstest::rstest;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};

struct Unread;

#[async_trait]
impl EgressLedger for Unread {
    async fn record(&self, _: Departure) -> Result<(), StoreError> {
        Ok(())
    }
}

/// Answers each command well, except the one that begins so: that gets `answer`, or the connection ends. `.` is a mail's end.
async fn server(at: &'static str, answer: Option<&'static str>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let port = listener.local_addr().expect("bound").port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.expect("a client");
        let mut stream = BufReader::new(stream);
        stream.write_all(b"220 ready\r\n").await.expect("said");
        let (mut line, mut in_text) = (String::new(), false);
        while stream.read_line(&mut line).await.is_ok_and(|count| count > 0) {
            let said = std::mem::take(&mut line);
            if in_text && said != ".\r\n" {
                continue;
            }
            let usual = match said.split_whitespace().next().unwrap_or_default() {
                "EHLO" => "250-local\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME",
                "AUTH" => "235 welcome",
                "DATA" => "354 go on",
                _ => "250 fine",
            };
            in_text = said == "DATA\r\n";
            let text = if said.starts_with(at) { answer } else { Some(usual) };
            let Some(text) = text else { return };
            stream.write_all(format!("{text}\r\n").as_bytes()).await.expect("said");
        }
    });
    port
}

async fn send(port: u16) -> Result<(), SmtpError> {
    let gate = Gate { ledger: Arc::new(Unread), offline: false };
    let dialer = Dialer::new(gate, &[], Duration::from_secs(5));
    let settings = SmtpConfig {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        timeout_ms: 5_000,
        ..SmtpConfig::default()
    };
    let credential = Credential::Password { user: "desk".to_owned(), password: Secret::new("pw".to_owned()) };
    let mut connection = Connection::open(&dialer, &settings, &[], "desk.test", &credential).await?;
    let mail = Composed {
        envelope_sender: "desk@desk.test".to_owned(),
        envelope_recipient: "ana@ana.test".to_owned(),
        message_id: "1@desk.test".to_owned(),
        bytes: b"Subject: x\r\n\r\n.a line that begins with a dot\r\n".to_vec(),
    };
    connection.hand_over(&mail).await
}

fn kind(result: &Result<(), SmtpError>) -> &'static str {
    match result {
        Ok(()) => "taken",
        Err(SmtpError::Refused(_)) => "refused",
        Err(SmtpError::Unreachable(_)) => "unreachable",
        Err(SmtpError::PutOff(_)) => "put off",
        Err(SmtpError::Rejected(_)) => "rejected",
        Err(SmtpError::Unknown(_)) => "unknown",
    }
}

/// Mistaken, these send a mail twice, never, or at a customer's cost for ever.
#[rstest]
#[case::all_well("nothing", None, "taken")]
#[case::wrong_password("AUTH", Some("535 no"), "refused")]
#[case::passwords_cannot_be_checked("AUTH", Some("454 later"), "unreachable")]
#[case::grey_listed("RCPT", Some("450 later"), "put off")]
#[case::no_such_customer("RCPT", Some("550 nobody"), "rejected")]
#[case::cut_before_the_text("RCPT", None, "unreachable")]
#[case::full_after_the_text(".", Some("452 full"), "put off")]
#[case::spam_after_the_text(".", Some("554 spam"), "rejected")]
#[case::cut_after_the_text(".", None, "unknown")]
#[tokio::test]
async fn answers_mean(
    #[case] at: &'static str,
    #[case] answer: Option<&'static str>,
    #[case] expected: &str,
) {
    let result = send(server(at, answer).await).await;
    assert_eq!(kind(&result), expected, "{result:?}");
}
