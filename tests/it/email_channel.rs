//! Mail from the outside: the real program against real Dovecot and Postfix.

use crate::support::{
    Server, TestBox,
    mail_servers::{MailServers, PASSWORD},
};
use serde_json::Value;
use std::{fs, time::Instant};

const DOCUMENT: &str = "# Exporting\n\n## How do I export my data?\n\nOpen Settings > Data and choose Export all. \
    A ZIP file with all your projects is sent to your mailbox within ten minutes.\n";

/// A box whose one document answers how to export data.
pub fn knowing_box() -> TestBox {
    let test_box =
        TestBox::new(&[("models.chat", "none"), ("models.embedding", "none"), ("answers.mode", "passage")]);
    let document = test_box.folder.path().join("exporting.md");
    fs::write(&document, DOCUMENT).expect("written");
    test_box.run(&["knowledge", "add", &document.display().to_string()]).expect("the document is added");
    test_box
}

/// The same with a mailbox of this user.
pub fn mail_box(servers: &MailServers, user: &str) -> TestBox {
    let authority = servers.certificate_authority().display().to_string();
    let (imaps, submission) = (servers.imaps.to_string(), servers.submission.to_string());
    let mut test_box = knowing_box();
    for (key, value) in [
        ("address", format!("{user}@local.test").as_str()),
        ("password", PASSWORD),
        ("certificate_authority_file", authority.as_str()),
        ("sends_per_minute", "0"),
        ("imap.host", "localhost"),
        ("imap.port", imaps.as_str()),
        ("smtp.host", "localhost"),
        ("smtp.port", submission.as_str()),
    ] {
        test_box = set(test_box, key, value);
    }
    test_box
}

/// With another value for the mailbox.
pub fn set(test_box: TestBox, key: &str, value: &str) -> TestBox {
    test_box.set(&format!("channels.email.mailboxes.support.{key}"), value)
}

/// A customer's mail.
pub fn mail(from: &str, to: &str, id: &str, subject: &str, text: &str) -> String {
    format!(
        "From: Ana Li <{from}>\nTo: <{to}>\nSubject: {subject}\nMessage-ID: <{id}>\nDate: Tue, 24 Nov 2026 10:00:00 +0000\n\
         MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )
}

pub const QUESTION: &str = "Hello, how do I export my data?";

/// How a connection stands, as the health report says.
pub async fn health(server: &Server, direction: &str) -> Value {
    let (_, readiness) = server.get_as_operator("/health/ready").await;
    let channels = readiness["channels"].as_array().expect("channels");
    channels.iter().find(|channel| channel["direction"] == direction).cloned().unwrap_or_default()
}

/// A header's value, unfolded.
pub fn header(mail: &str, name: &str) -> String {
    let head = mail
        .replace("\r\n", "\n")
        .split("\n\n")
        .next()
        .unwrap_or_default()
        .replace("\n ", " ")
        .replace("\n\t", " ");
    let found = head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    });
    found.unwrap_or_else(|| panic!("no {name} in:\n{head}"))
}

/// The customer asks again in the same thread; both answers belong to it, and people see the copies.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_answered_in_its_thread_within_seconds() {
    let servers = MailServers::shared();
    let test_box = mail_box(&servers, "thread");
    let server = test_box.serve();
    tokio::task::block_in_place(|| server.log.wait_for("a channel works"));
    // From here on the server waits in IDLE: only an announcement makes it look before its next poll, minutes later.
    let begun = Instant::now();
    servers.send(
        "anna@local.test",
        "thread@local.test",
        &mail("anna@local.test", "thread@local.test", "q1@anna.test", "Export", QUESTION),
    );
    let replies = tokio::task::block_in_place(|| servers.wait_for_mails("anna", "", 1));
    let took = begun.elapsed();
    assert!(took.as_secs() < 30, "it took {took:?}");
    let reply = &replies[0];
    assert_eq!(header(reply, "In-Reply-To"), "<q1@anna.test>");
    assert!(header(reply, "References").contains("<q1@anna.test>"));
    assert!(header(reply, "From").contains("thread@local.test"));
    assert_eq!(header(reply, "Auto-Submitted"), "auto-replied");

    let own_id = header(reply, "Message-ID");
    let again = mail("anna@local.test", "thread@local.test", "q2@anna.test", "Re: Export", QUESTION).replace(
        "Message-ID:",
        &format!("In-Reply-To: {own_id}\nReferences: <q1@anna.test> {own_id}\nMessage-ID:"),
    );
    servers.send("anna@local.test", "thread@local.test", &again);
    let replies = tokio::task::block_in_place(|| servers.wait_for_mails("anna", "", 2));
    let second = replies
        .iter()
        .find(|reply| header(reply, "In-Reply-To") == "<q2@anna.test>")
        .expect("an answer to it");
    assert!(header(second, "References").contains("<q1@anna.test>"), "the whole thread is named");
    let copies = tokio::task::block_in_place(|| servers.wait_for_mails("thread", "Sent", 2));
    assert!(copies.iter().any(|copy| header(copy, "Message-ID") == own_id), "people see what was sent");
    for direction in ["receiving", "sending"] {
        assert_eq!(health(&server, direction).await["status"], "ok");
    }
    assert!(!server.log.so_far().contains(PASSWORD));
}

/// After a weekend without the box: everybody is answered, nobody twice, the oldest first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_waiting_mails_are_each_answered_once() {
    const WAITING: usize = 500;
    let servers = MailServers::shared();
    for number in 0..WAITING {
        let from = format!("crowd-customer+{number}@local.test");
        let text = mail(
            &from,
            "crowd@local.test",
            &format!("{number}@crowd.test"),
            &format!("Export {number:03}"),
            QUESTION,
        );
        servers.place("crowd", &format!("{}.{number}.host", 1_790_000_000 + number), text.as_bytes());
    }
    servers.hand_over_placed("crowd");
    let test_box = set(mail_box(&servers, "crowd"), "smtp.save_sent", "false");
    // Placed files carry the date of today; the backlog takes them all.
    let begun = Instant::now();
    let server = test_box.serve();
    let replies = tokio::task::block_in_place(|| servers.wait_for_mails("crowd-customer", "", WAITING));
    eprintln!("{WAITING} mails were answered in {:.1} s", begun.elapsed().as_secs_f64());
    let mut answered: Vec<String> = replies.iter().map(|reply| header(reply, "In-Reply-To")).collect();
    answered.sort_unstable();
    answered.dedup();
    assert_eq!((replies.len(), answered.len()), (WAITING, WAITING), "each once");
    assert!(server.terminate().success());
    let figures = test_box.figures(&[
        "SELECT count(*) FROM outbox WHERE state != 'done'",
        "SELECT count(*) FROM (SELECT subject, lag(subject) OVER (ORDER BY messages.sequence) AS before
           FROM messages JOIN tickets ON tickets.id = messages.ticket_id WHERE direction = 'inbound') WHERE subject < before",
    ]);
    assert_eq!(figures, [0, 0], "nothing is left over, and the oldest came first");
}

/// Two mailboxes of one box do not get into each other's way: each answers from its own address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_mailbox_answers_for_itself() {
    let servers = MailServers::shared();
    let mut test_box = mail_box(&servers, "first");
    let authority = servers.certificate_authority().display().to_string();
    let (imap, smtp) = (servers.imap.to_string(), servers.submission.to_string());
    for (key, value) in [
        ("address", "second@local.test"),
        ("password", PASSWORD),
        ("certificate_authority_file", authority.as_str()),
        ("imap.host", "localhost"),
        ("imap.port", imap.as_str()),
        ("imap.security", "starttls"),
        ("smtp.host", "localhost"),
        ("smtp.port", smtp.as_str()),
    ] {
        test_box = test_box.set(&format!("channels.email.mailboxes.sales.{key}"), value);
    }
    let _server = test_box.serve();
    for (to, id) in [("first@local.test", "a"), ("second@local.test", "b")] {
        let from = format!("{id}-reader@local.test");
        servers.send(&from, to, &mail(&from, to, &format!("{id}@readers.test"), "Export", QUESTION));
    }
    for (reader, sender) in [("a-reader", "first@local.test"), ("b-reader", "second@local.test")] {
        let replies = tokio::task::block_in_place(|| servers.wait_for_mails(reader, "", 1));
        assert!(header(&replies[0], "From").contains(sender));
    }
}
