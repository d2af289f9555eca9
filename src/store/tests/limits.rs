//! What happens when the disk, the queue or a transaction is at its end.

use super::*;
use crate::ports::store::{Reports, StoreError};
use futures_util::future::join;
use std::sync::mpsc;
use tokio::sync::oneshot;

/// A message whose raw bytes need many pages.
fn big() -> Inbound {
    Inbound { raw: vec![b'x'; 4_000_000], ..web("ana@example.org", "An attachment") }
}

/// Keeps the writer busy until the answer is used or dropped.
async fn hold_writer(store: &Fixture) -> mpsc::Sender<()> {
    let (begun, has_begun) = oneshot::channel();
    let (release, released) = mpsc::channel();
    let store = store.store.clone();
    tokio::spawn(async move {
        let hold = store.write(move |_| {
            begun.send(()).expect("the test waits");
            let _released_or_dropped = released.recv();
            Ok(())
        });
        hold.await.expect("held");
    });
    has_begun.await.expect("begun");
    release
}

#[tokio::test]
async fn a_full_disk_is_said_plainly_and_passes() {
    let store = open(Kind::File);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    store.execute("PRAGMA max_page_count = 1").await;
    let refused = store.accept(big()).await;
    let Err(StoreError::Unwritable(reason)) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("disk is full"), "{reason}");
    assert_eq!(store.number("SELECT count(*) FROM messages").await, 1, "nothing of it is left");
    assert!(store.ticket(&accepted.reference).await.expect("reading goes on").is_some());
    store.execute("PRAGMA max_page_count = 1000000").await;
    accept(&store, big()).await;
    store.check_writable().await.expect("writable again");
}

#[tokio::test]
async fn those_who_share_a_commit_with_a_full_disk_hear_the_truth() {
    let store = open(Kind::File);
    store.execute("PRAGMA max_page_count = 1").await;
    let hold = hold_writer(&store).await;
    let both = join(store.accept(web("ben@example.org", "Small")), store.accept(big()));
    let (both, ()) = join(both, async { drop(hold) }).await;
    let (small, large) = both;
    assert!(matches!(large, Err(StoreError::Unwritable(_))), "{large:?}");
    let stored = store.number("SELECT count(*) FROM messages").await;
    assert_eq!(stored, i64::from(small.is_ok()), "the answer and the file agree");
}

#[tokio::test]
async fn one_failing_transaction_spoils_no_other_of_its_group() {
    let store = open(Kind::File);
    let hold = hold_writer(&store).await;
    let violates = store.write(|connection| {
        connection.execute(
            "INSERT INTO customers (id, created_at, last_contact_at) VALUES (randomblob(16), 1, 1)",
            [],
        )?;
        Ok(connection.execute("UPDATE customers SET plan = 'platinum'", [])?)
    });
    let panics = store.write(|connection| -> Result<(), StoreError> {
        connection.execute("DELETE FROM customers", [])?;
        panic!("a bug")
    });
    let first = store.accept(web("ana@example.org", "First"));
    let last = store.accept(web("ben@example.org", "Last"));
    let group = async { tokio::join!(first, violates, panics, last) };
    let ((first, violates, panics, last), ()) = join(group, async { drop(hold) }).await;
    assert!(matches!(violates, Err(StoreError::Failed(_))), "{violates:?}");
    assert!(matches!(panics, Err(StoreError::Failed(_))), "{panics:?}");
    for accepted in [first.expect("accepted"), last.expect("accepted")] {
        assert!(store.ticket(&accepted.reference).await.expect("read").is_some());
    }
    assert_eq!(store.number("SELECT count(*) FROM customers").await, 2, "the failed ones changed nothing");
}

#[tokio::test]
async fn a_full_queue_refuses_at_once_instead_of_growing() {
    let store = open_with(Kind::File, StoreOptions { queue_length: 2, ..options() });
    let hold = hold_writer(&store).await;
    let [first, second, third] =
        ["one", "two", "three"].map(|text| store.accept(web("ana@example.org", text)));
    let all = async { tokio::join!(first, second, third) };
    let ((first, second, third), ()) = join(all, async { drop(hold) }).await;
    assert!(first.is_ok() && second.is_ok());
    assert!(matches!(third, Err(StoreError::Busy)), "{third:?}");
}

#[tokio::test]
async fn a_caller_who_left_before_its_turn_changes_nothing() {
    let store = open(Kind::File);
    let hold = hold_writer(&store).await;
    let mut left = Box::pin(store.accept(web("ana@example.org", "Never mind")));
    assert!(futures_util::poll!(&mut left).is_pending());
    drop(left);
    drop(hold);
    assert_eq!(store.number("SELECT count(*) FROM messages").await, 0);
    accept(&store, web("ana@example.org", "Now really")).await;
    assert_eq!(store.number("SELECT count(*) FROM messages").await, 1);
}

#[tokio::test]
async fn another_process_holding_the_file_makes_it_busy_not_broken() {
    let store = open_with(
        Kind::File,
        StoreOptions { busy_timeout: std::time::Duration::from_millis(1), ..options() },
    );
    let other = rusqlite::Connection::open(store.path()).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("begun");
    let refused = store.accept(web("ana@example.org", "How do I export?")).await;
    assert!(matches!(refused, Err(StoreError::Busy)), "{refused:?}");
    other.execute_batch("ROLLBACK").expect("released");
    accept(&store, web("ana@example.org", "How do I export?")).await;
}

#[tokio::test]
async fn a_damaged_or_unreachable_file_is_said_plainly() {
    let folder = tempfile::tempdir().expect("a folder");
    let missing =
        Store::open(&folder.path().join("no/such/folder/frontdesk.db"), options()).err().expect("refused");
    assert!(
        matches!(&missing, StoreError::Unwritable(reason) if reason.contains("folder exists")),
        "{missing}"
    );
    let damaged = folder.path().join("damaged.db");
    std::fs::write(&damaged, vec![b'?'; 8192]).expect("written");
    let damaged = Store::open(&damaged, options()).err().expect("refused");
    assert!(matches!(&damaged, StoreError::Unwritable(reason) if reason.contains("backup")), "{damaged}");
    let prefix = StoreOptions { ticket_prefix: "tf-".to_owned(), ..options() };
    assert!(Store::open_in_memory(prefix).is_err(), "references with this prefix could not be read back");
}
