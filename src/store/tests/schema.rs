//! The schema itself: what the tables refuse, whoever writes to them.

use super::*;
use crate::ports::store::{Reports, StoreError};
use rstest::rstest;

#[tokio::test]
async fn opening_again_migrates_nothing_and_loses_nothing() {
    let store = open(Kind::File);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let tables = store.number("SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'").await;
    store.close().await;
    for _ in 0..2 {
        let reopened = Store::open(&store.path(), options()).expect("opened");
        assert!(reopened.ticket(&accepted.reference).await.expect("read").is_some());
        let again = reopened.read(|c| {
            Ok(c.query_row(
                "SELECT count(*) FROM sqlite_master WHERE name NOT LIKE 'sqlite_stat%'",
                [],
                |row| row.get::<_, i64>(0),
            )?)
        });
        assert_eq!(again.await.expect("read"), tables);
        reopened.close().await;
    }
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_left_alone() {
    let store = open(Kind::File);
    store.close().await;
    let other = rusqlite::Connection::open(store.path()).expect("opened");
    other.execute_batch("PRAGMA user_version = 4000").expect("set");
    let refused = Store::open(&store.path(), options()).err().expect("refused");
    let StoreError::Failed(source) = refused else { panic!("{refused}") };
    assert!(source.to_string().contains("newer version"), "{source}");
}

#[tokio::test]
async fn every_table_is_strict_and_the_file_is_as_asked() {
    let store = open(Kind::File);
    let loose = "SELECT count(*) FROM pragma_table_list
                 WHERE type = 'table' AND schema = 'main' AND strict = 0 AND name NOT LIKE 'sqlite_%'";
    assert_eq!(store.number(loose).await, 0);
    for (pragma, expected) in
        [("PRAGMA foreign_keys", 1), ("PRAGMA synchronous", 1), ("PRAGMA trusted_schema", 0)]
    {
        let found =
            store.store.write(move |c| Ok(c.query_row(pragma, [], |row| row.get::<_, i64>(0))?)).await;
        assert_eq!(found.expect("read"), expected, "{pragma}");
    }
    let safest =
        open_with(Kind::File, StoreOptions { durability: crate::store::Durability::PowerLoss, ..options() });
    let found =
        safest.store.write(|c| Ok(c.query_row("PRAGMA synchronous", [], |row| row.get::<_, i64>(0))?)).await;
    assert_eq!(found.expect("read"), 2);
}

#[rstest]
#[case::status("UPDATE tickets SET status = 'done'")]
#[case::stage("UPDATE tickets SET stage = 'thinking'")]
#[case::plan("UPDATE tickets SET plan = 'platinum'")]
#[case::taken_over_by_nobody("UPDATE tickets SET taken_over_at = 1")]
#[case::reference_twice(
    "INSERT INTO tickets (id, reference, conversation_id, customer_id, channel, requester_name, plan, subject, category, priority, status, stage, stage_at, created_at, updated_at, resolved_at, resolution_notes, assigned_to, assigned_mailbox, taken_over_by, taken_over_at, hand_over_acknowledged, feedback) SELECT randomblob(16), reference, conversation_id, customer_id, channel, requester_name, plan, subject, category, priority, status, stage, stage_at, created_at, updated_at, resolved_at, resolution_notes, assigned_to, assigned_mailbox, taken_over_by, taken_over_at, hand_over_acknowledged, feedback FROM tickets"
)]
#[case::text_for_a_time("UPDATE tickets SET created_at = 'today'")]
#[case::short_id("UPDATE conversations SET id = x'00'")]
#[case::sentiment("UPDATE messages SET sentiment_score = 1.5")]
#[case::inbound_with_delivery("UPDATE messages SET delivery_status = 'sent'")]
#[case::inbound_without_provider_id("UPDATE messages SET provider_message_id = NULL")]
#[case::broken_json("UPDATE messages SET sources = '[1,'")]
#[case::orphan(
    "DELETE FROM tickets WHERE 0 = (SELECT 0 FROM jobs) AND (SELECT 1); INSERT INTO jobs (conversation_id, ticket_id, message_id, due_at, created_at) VALUES (randomblob(16), randomblob(16), randomblob(16), 1, 1)"
)]
#[case::leased_without_lease("UPDATE jobs SET state = 'leased'")]
#[case::finished_without_time("UPDATE jobs SET state = 'done'")]
#[case::unverified_again("UPDATE identifiers SET verified = 1; UPDATE identifiers SET verified = 0")]
#[case::bad_channel("INSERT INTO channel_settings (channel) VALUES ('fax')")]
#[case::audit_rewritten(
    "INSERT INTO audit (at, actor, action, subject) VALUES (1, 'kim', 'replay', 'x'); UPDATE audit SET actor = 'lee'"
)]
#[case::audit_erased(
    "INSERT INTO audit (at, actor, action, subject) VALUES (1, 'kim', 'replay', 'x'); DELETE FROM audit"
)]
#[case::egress_erased(
    "INSERT INTO egress (at, destination, model, purpose, request_text, request_bytes, response_bytes, redactions, outcome) VALUES (1, 'a', 'b', 'c', 'd', 1, 1, 0, 'ok'); DELETE FROM egress"
)]
#[tokio::test]
async fn what_makes_no_sense_is_refused(#[case] sql: &'static str) {
    let store = open(Kind::File);
    accept(&store, web("ana@example.org", "How do I export?")).await;
    let refused = store.store.write(move |connection| Ok(connection.execute_batch(sql)?)).await;
    assert!(matches!(refused, Err(StoreError::Failed(_))), "{refused:?}");
}

#[tokio::test]
async fn the_records_can_be_blanked_and_changed_in_no_other_way() {
    let store = open(Kind::File);
    store
        .execute(
            "INSERT INTO audit (at, actor, action, subject, details) VALUES (1, 'kim', 'discard', 'x', '{\"reason\":\"y\"}');
             INSERT INTO egress (at, destination, model, purpose, request_text, request_bytes, response_bytes, redactions, outcome)
             VALUES (1, 'a', 'b', 'c', 'd', 1, 1, 0, 'ok');
             UPDATE audit SET details = '{}'; UPDATE egress SET request_text = ''",
        )
        .await;
    for change in [
        "UPDATE audit SET details = '{\"reason\":\"z\"}'",
        "UPDATE audit SET details = '{}', actor = 'lee'",
        "UPDATE egress SET request_text = 'e'",
        "UPDATE egress SET request_text = '', cost_micros = 7",
        "UPDATE egress SET request_text = '', ticket_id = randomblob(16)",
    ] {
        let refused = store.store.write(move |connection| Ok(connection.execute_batch(change)?)).await;
        assert!(matches!(refused, Err(StoreError::Failed(_))), "{change}: {refused:?}");
    }
}

#[tokio::test]
async fn readers_cannot_write() {
    let store = open(Kind::File);
    let refused = store.store.read(|connection| Ok(connection.execute("DELETE FROM settings", [])?)).await;
    assert!(refused.is_err(), "{refused:?}");
}

#[tokio::test]
async fn removing_a_customer_removes_every_trace_of_them() {
    let store = open(Kind::File);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let job = lease(&store, 0).await;
    let mut outcome = escalated(&job, accepted.message_id);
    outcome.draft = None;
    store.commit_turn(&job, outcome, at(1)).await.expect("committed");
    store.execute("DELETE FROM customers").await;
    for sql in [
        "SELECT count(*) FROM identifiers",
        "SELECT count(*) FROM messages",
        "SELECT count(*) FROM message_raw",
        "SELECT count(*) FROM jobs",
        "SELECT count(*) FROM outbox",
        "SELECT count(*) FROM escalations",
        "SELECT count(*) FROM triage_results",
    ] {
        assert_eq!(store.number(sql).await, 0, "{sql}");
    }
    assert!(
        store.number("SELECT count(*) FROM metrics WHERE ticket_id IS NULL").await > 0,
        "figures name nobody and stay"
    );
}
