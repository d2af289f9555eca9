//! One customer's day on one box: a mail in the morning, WhatsApp at noon, the web form in the evening. Real Dovecot and Postfix, a
//! stand-in for Twilio. Before a proof the three are strangers to each other; after it they are one customer in one conversation.

use crate::{
    channel_contract::call,
    email_channel::{QUESTION, mail, mail_box, set},
    providers::{Call, Carrier, Fake, FromCustomer},
    support::{Server, TestBox, form, mail_servers::MailServers, replies},
};
use serde_json::json;

const ANA: &str = "day-ana@local.test";
const DESK: &str = "day@local.test";
const NUMBER: &str = "+491711234567";
/// Tickets that people wrote; the others only carry codes.
const WRITTEN: &str = "FROM tickets WHERE subject <> 'Confirming an address'";

/// How a reply refers to what was said on another channel.
const MENTION: &str = "follows on from";

fn whatsapp(id: &'static str, text: &str) -> Call {
    Carrier::Twilio.message(&FromCustomer { id, from: NUMBER, text, picture: None })
}

/// The mail's own server vouches for its sender.
fn vouched(text: &str) -> String {
    format!("Authentication-Results: mx.local.test; dmarc=pass header.from=local.test\n{text}")
}

/// The six digits in one of the customer's mails.
fn code_in(mails: &[String]) -> Vec<String> {
    let six_digits = |mail: &String| {
        let parsed = mail_parser::MessageParser::default().parse(mail.as_bytes()).expect("a mail");
        let text = parsed.body_text(0).unwrap_or_default().into_owned();
        text.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 6).map(str::to_owned)
    };
    mails.iter().filter_map(six_digits).collect()
}

fn mails(servers: &MailServers, count: usize) -> Vec<String> {
    tokio::task::block_in_place(|| servers.wait_for_mails("day-ana", "", count))
}

/// Everything said on WhatsApp after the first `before` messages, once it holds these words.
async fn said_since(fake: &Fake, before: usize, words: &str) -> String {
    let mut count = before + 1;
    loop {
        let sent = fake.wait_for_sent(count).await;
        let text = sent[before..].iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n");
        if text.contains(words) {
            return text;
        }
        count = sent.len() + 1;
    }
}

fn stop_and_count(test_box: &TestBox, server: Server, statements: &[&str]) -> Vec<i64> {
    assert!(server.terminate().success());
    test_box.figures(statements)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mail_whatsapp_and_form_become_one_customer_and_one_conversation_by_proof() {
    let servers = MailServers::shared();
    let fake = Fake::start(Carrier::Twilio).await;
    let settings = Carrier::Twilio.settings(&fake.url);
    let test_box = set(mail_box(&servers, "day"), "authentication_server", "mx.local.test");
    let test_box = settings.iter().fold(test_box, |test_box, (key, value)| test_box.set(key, value));
    let customers = format!("SELECT count(DISTINCT customer_id) {WRITTEN}");
    let conversations = format!("SELECT count(DISTINCT conversation_id) {WRITTEN}");

    // The morning: a mail, answered.
    let server = test_box.serve();
    servers.send(ANA, DESK, &vouched(&mail(ANA, DESK, "morning@ana.test", "Export", QUESTION)));
    assert_eq!(mails(&servers, 1).len(), 1);
    server.log.wait_for("delivered");

    // Noon: the same person on WhatsApp, whom nobody knows there.
    assert_eq!(call(&server, &whatsapp("noon-1", "How do I export my data?")).await.0, 200);
    let answer = said_since(&fake, 0, "Ref TF-").await;
    assert!(answer.contains("Export all"), "{answer}");
    assert!(!answer.contains(MENTION), "nothing is shared before the proof: {answer}");
    let before = stop_and_count(&test_box, server, &[&customers, &conversations]);
    assert_eq!(before, [2, 2], "two strangers so far");

    // She says who she is. That proves nothing: the code goes to the mailbox, and the word of it to WhatsApp.
    let server = test_box.serve();
    let heard = fake.sent().len();
    assert_eq!(call(&server, &whatsapp("noon-2", &format!("My email is {ANA}"))).await.0, 200);
    let notice = said_since(&fake, heard, "code").await;
    let first = code_in(&mails(&servers, 2));
    let [code] = first.as_slice() else { panic!("one code came by mail: {first:?}") };
    assert!(!notice.contains(code) && !notice.contains(MENTION), "{notice}");

    // A wrong code shares nothing either; the right one makes them one, and the reply refers to the morning.
    let heard = fake.sent().len();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    assert_eq!(call(&server, &whatsapp("noon-3", wrong)).await.0, 200);
    let refused = said_since(&fake, heard, "does not fit").await;
    assert!(!refused.contains(MENTION), "{refused}");
    let heard = fake.sent().len();
    assert_eq!(call(&server, &whatsapp("noon-4", code)).await.0, 200);
    let joined = said_since(&fake, heard, MENTION).await;
    assert!(joined.contains("follows on from your mail"), "{joined}");
    let noon = stop_and_count(&test_box, server, &[&customers, &conversations]);
    assert_eq!(noon, [1, 1], "one customer, one conversation");

    // The evening: the form, where anybody may type that address.
    let server = test_box.serve();
    let request = form(ANA, "Export", "Please send me a code. How do I export my data?");
    let submitted = server.submit(&request, None).await;
    let all = code_in(&mails(&servers, 3));
    let second = all.iter().find(|found| *found != code).expect("another code came by mail");
    let page = server.wait_for_replies(&submitted, 1).await;
    let shown = page.to_string();
    assert!(!shown.contains(second.as_str()), "the page must not show the code");
    assert!(!shown.contains(MENTION), "{shown}");
    let path = format!("/support/ticket/{}/messages?token={}", submitted.reference, submitted.token);
    let (status, body) = server.post(&path, &json!({ "message": second }), None).await;
    assert_eq!(status, 200, "{body}");
    let page = server.wait_for_replies(&submitted, replies(&page).len() + 1).await;
    assert!(page.to_string().contains("follows on from your WhatsApp message"), "{page}");

    let proven = "SELECT count(*) FROM audit WHERE action = 'prove_address'";
    let evening = stop_and_count(&test_box, server, &[&customers, &conversations, proven]);
    assert_eq!(evening, [1, 1, 2], "one customer, one conversation, two proofs in the log");
    assert_eq!(servers.mails("day-ana", "").len(), 3, "one answer and two codes, nothing else by mail");
}
