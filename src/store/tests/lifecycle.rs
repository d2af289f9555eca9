//! What a late reply meets, what is kept for how long, and figures that add up.

use super::*;
use crate::{
    config::RetentionConfig,
    domain::inbound::{MailAuthentication, MailHeaders},
    ports::store::Reports,
};

fn whatsapp(text: &str, seconds: i64) -> Inbound {
    Inbound { received_at: at(seconds), ..inbound(Channel::Whatsapp, phone("+15550001"), text) }
}

#[tokio::test]
async fn a_reply_on_whatsapp_opens_a_resolved_ticket_and_not_a_closed_one() {
    let store = open(Kind::File);
    let first = accept(&store, whatsapp("How do I export?", 0)).await;
    store.execute("UPDATE tickets SET status = 'resolved', resolved_at = 1; UPDATE conversations SET status = 'resolved', ended_at = 1").await;
    let again = accept(&store, whatsapp("It still fails", 10)).await;
    assert_eq!((again.ticket_id, again.conversation_id), (first.ticket_id, first.conversation_id));
    assert_eq!(store.number("SELECT count(*) FROM tickets WHERE status = 'open'").await, 1);
    store.execute("UPDATE tickets SET status = 'closed', resolved_at = 1; UPDATE conversations SET status = 'resolved', ended_at = 1").await;
    let later = accept(&store, whatsapp("Something else", 20)).await;
    assert_ne!(later.ticket_id, first.ticket_id);
    assert_eq!(later.customer_id, first.customer_id);
}

/// A mail that answers another by its id.
fn threaded(message_id: &str, answers: &[&str], text: &str) -> Inbound {
    let mut mail = mail("ana@example.org", text);
    mail.extras.mail = Some(MailHeaders {
        message_id: message_id.to_owned(),
        references: answers.iter().map(|id| (*id).to_owned()).collect(),
        answers: Vec::new(),
        from: "ana@example.org".to_owned(),
        recipients: Vec::new(),
        reply_to: None,
        authenticated: MailAuthentication::Pass,
    });
    mail
}

#[tokio::test]
async fn a_mail_in_the_thread_of_a_closed_ticket_is_a_new_matter() {
    let store = open(Kind::File);
    let first = accept(&store, threaded("one@example.org", &[], "How do I export?")).await;
    store.execute("UPDATE tickets SET status = 'resolved', resolved_at = 1").await;
    let reply = accept(&store, threaded("two@example.org", &["one@example.org"], "It still fails")).await;
    assert_eq!(reply.ticket_id, first.ticket_id, "resolved: the reply opens it again");
    store.execute("UPDATE tickets SET status = 'closed', resolved_at = 1").await;
    let late = accept(&store, threaded("three@example.org", &["two@example.org"], "And now?")).await;
    assert_ne!(late.ticket_id, first.ticket_id);
    assert_eq!(late.customer_id, first.customer_id);
}

#[tokio::test]
async fn each_class_is_kept_for_its_own_time() {
    const DAY: i64 = 86_400;
    let store = open(Kind::File);
    let old = accept(&store, whatsapp("How do I export?", 0)).await;
    let job = lease(&store, 0).await;
    store.commit_turn(&job, answered(&job, old.message_id, "Like this."), at(1)).await.expect("committed");
    accept(&store, Inbound { received_at: at(50 * DAY), ..web("ben@example.org", "Hello there") }).await;
    let days = |raw_days, closed_ticket_days, figure_days| RetentionConfig {
        raw_days,
        closed_ticket_days,
        figure_days,
        attachment_days: 0,
        hosted_text_days: 0,
    };
    let now = at(60 * DAY);
    let removed = store.apply_retention(&days(0, 0, 0), now).await.expect("applied");
    assert!(removed.is_empty(), "nothing goes that is kept for ever: {removed:?}");
    assert!(store.add_up_hours(now).await.expect("added up") > 0);
    let removed = store.apply_retention(&days(30, 30, 30), now).await.expect("applied");
    assert_eq!(removed.get("raw messages"), Some(&1), "{removed:?}");
    assert!(!removed.contains_key("closed tickets"), "an open ticket stays however old: {removed:?}");
    assert!(removed.contains_key("single figures"));
    assert!(store.number("SELECT count(*) FROM metric_hours").await > 0, "what they add up to stays");
    store.execute("UPDATE tickets SET status = 'closed', resolved_at = 1").await;
    let removed = store.apply_retention(&days(30, 30, 30), now).await.expect("applied");
    assert_eq!(removed.get("customers without conversations"), Some(&1), "{removed:?}");
    assert_eq!(store.number("SELECT count(*) FROM customers").await, 1, "ben is still there");
    assert_eq!(store.number("SELECT count(*) FROM message_raw").await, 1);
}

#[tokio::test]
async fn hours_whose_single_figures_are_gone_still_count() {
    const DAY: i64 = 86_400;
    let store = open(Kind::File);
    let insert = |value: f64, seconds: i64| {
        let sql = "INSERT INTO metrics (name, channel, value, recorded_at) VALUES ('latency', 'web', ?1, ?2)";
        let at = at(seconds).as_microsecond();
        store.store.write(move |connection| Ok(connection.execute(sql, rusqlite::params![value, at])?))
    };
    for (value, seconds) in [(100.0, 0), (300.0, 10), (20.0, 40 * DAY), (40.0, 40 * DAY + 10)] {
        insert(value, seconds).await.expect("written");
    }
    let now = at(41 * DAY);
    store.add_up_hours(now).await.expect("added up");
    let days = RetentionConfig { figure_days: 30, ..RetentionConfig::default() };
    store.apply_retention(&days, now).await.expect("applied");
    let all = store.metrics(None, at(-DAY)).await.expect("read").remove(0);
    let figures = (all.count, all.average, all.minimum, all.maximum, all.p95);
    assert_eq!(figures, (4, 115.0, 20.0, 300.0, 40.0), "percentiles are of the values that are there");
}
