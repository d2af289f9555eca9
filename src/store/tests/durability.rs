//! What a crash, a restart and a close leave behind.

use super::*;
use crate::ports::store::{Reports, StoreError};
use std::path::Path;

/// The files as a power-less process leaves them: copied while the store is open, the log not yet in the file.
fn crash_image(fixture: &Fixture, folder: &Path) -> std::path::PathBuf {
    for name in ["frontdesk.db", "frontdesk.db-wal"] {
        std::fs::copy(fixture.folder.path().join(name), folder.join(name)).expect("copied");
    }
    folder.join("frontdesk.db")
}

#[tokio::test]
async fn a_job_leased_when_the_box_went_down_comes_back() {
    let store = open(Kind::File);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let lost = lease(&store, 0).await;
    let folder = tempfile::tempdir().expect("a folder");
    let revived = Store::open(&crash_image(&store, folder.path()), options()).expect("opened");
    nothing_to_lease(&revived, 59).await;
    let job = lease(&revived, 60).await;
    assert_eq!((job.message_id, job.attempt), (accepted.message_id, 2));
    let late = answered(&lost, accepted.message_id, "from before the crash");
    assert!(matches!(revived.commit_turn(&lost, late, at(61)).await, Err(StoreError::Conflict)));
    revived
        .commit_turn(&job, answered(&job, accepted.message_id, "Like this."), at(61))
        .await
        .expect("committed");
    let ticket = revived.ticket(&accepted.reference).await.expect("read").expect("found");
    assert_eq!(ticket.messages.len(), 2, "exactly one reply");
}

#[tokio::test]
async fn the_owner_takes_up_its_predecessors_work_at_once() {
    let store = open(Kind::File);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let lost = lease(&store, 0).await;
    assert_eq!(store.reclaim_leases(at(1)).await.expect("reclaimed"), 1);
    let job = lease(&store, 1).await;
    assert_eq!(
        (job.message_id, job.attempt),
        (accepted.message_id, 2),
        "a message that kills its workers is counted"
    );
    let late = answered(&lost, accepted.message_id, "from before");
    assert!(matches!(store.commit_turn(&lost, late, at(2)).await, Err(StoreError::Conflict)));
}

#[tokio::test]
async fn whatever_was_acknowledged_is_there_after_a_crash_at_any_moment() {
    let store = open(Kind::File);
    let mut acknowledged = Vec::new();
    for number in 0..10 {
        acknowledged.push(accept(&store, web("ana@example.org", &format!("Question {number}"))).await);
        let folder = tempfile::tempdir().expect("a folder");
        let revived = Store::open(&crash_image(&store, folder.path()), options()).expect("opened");
        for accepted in &acknowledged {
            assert!(revived.ticket(&accepted.reference).await.expect("read").is_some());
        }
        assert_eq!(revived.queue_figures(at(0)).await.expect("figures").waiting, acknowledged.len() as u64);
    }
}

#[tokio::test]
async fn the_provider_sending_again_after_a_crash_changes_nothing() {
    let store = open(Kind::File);
    let message = web("ana@example.org", "How do I export?");
    let accepted = accept(&store, message.clone()).await;
    let folder = tempfile::tempdir().expect("a folder");
    let revived = Store::open(&crash_image(&store, folder.path()), options()).expect("opened");
    assert_eq!(accept(&revived, message).await, Accepted { duplicate: true, ..accepted });
}

#[tokio::test]
async fn closing_leaves_one_whole_file_and_refuses_further_work() {
    let store = open(Kind::File);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let secret = store.instance_secret().await.expect("a secret");
    store.close().await;
    store.close().await;
    assert!(!store.folder.path().join("frontdesk.db-wal").exists(), "the log is in the file");
    assert!(matches!(store.accept(web("ana@example.org", "Late")).await, Err(StoreError::Busy)));
    assert!(matches!(store.ticket(&accepted.reference).await, Err(StoreError::Busy)));

    let reopened = Store::open(&store.path(), options()).expect("opened");
    assert!(reopened.ticket(&accepted.reference).await.expect("read").is_some());
    assert_eq!(reopened.instance_secret().await.expect("a secret"), secret, "status links outlive a restart");
}

#[tokio::test]
async fn each_box_has_a_secret_of_its_own() {
    let (one, other) = (open(Kind::Memory), open(Kind::Memory));
    assert_ne!(
        one.instance_secret().await.expect("a secret"),
        other.instance_secret().await.expect("a secret")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_under_way_while_closing_are_accepted_or_refused_never_half() {
    let store = open(Kind::File);
    let tasks: Vec<_> = (0..200)
        .map(|number| {
            let store = store.store.clone();
            tokio::spawn(
                async move { store.accept(web("ana@example.org", &format!("Question {number}"))).await },
            )
        })
        .collect();
    tokio::task::yield_now().await;
    store.close().await;
    let mut accepted = 0;
    for task in tasks {
        match task.await.expect("no panic") {
            Ok(_) => accepted += 1,
            Err(error) => assert!(matches!(error, StoreError::Busy), "{error}"),
        }
    }
    let reopened = Store::open(&store.path(), options()).expect("opened");
    assert_eq!(reopened.queue_figures(at(0)).await.expect("figures").waiting, accepted);
}

#[tokio::test]
async fn a_backup_opens_like_the_original_and_never_overwrites() {
    let store = open(Kind::File);
    let accepted = accept(&store, web("ana@example.org", "How do I export?")).await;
    let target = store.folder.path().join("backup.db");
    store.back_up(&target).await.expect("copied");
    accept(&store, web("ana@example.org", "After the backup")).await;
    let copy = Store::open(&target, options()).expect("opened");
    assert!(copy.ticket(&accepted.reference).await.expect("read").is_some());
    assert_eq!(copy.queue_figures(at(0)).await.expect("figures").waiting, 1);
    assert!(matches!(store.back_up(&target).await, Err(StoreError::Failed(_))));
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_what_customers_wrote() {
    use std::os::unix::fs::PermissionsExt;
    let store = open(Kind::File);
    accept(&store, web("ana@example.org", "How do I export?")).await;
    store.back_up(&store.folder.path().join("backup.db")).await.expect("copied");
    for name in ["frontdesk.db", "frontdesk.db-wal", "backup.db"] {
        let mode = std::fs::metadata(store.folder.path().join(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_restored_backup_is_the_store_it_was_and_the_old_one_is_kept() {
    let store = open(Kind::File);
    accept(&store, mail("ana@example.org", "How do I export?")).await;
    let copy = store.folder.path().join("copy.db");
    let report = store.back_up(&copy).await.expect("copied");
    assert_eq!((report.customers, report.tickets, report.messages), (1, 1, 1));
    accept(&store, mail("ben@example.org", "And how do I import?")).await;
    store.close().await;

    let path = store.path();
    let (restored, kept) = Store::restore(&copy, &path, "test").expect("restored");
    assert_eq!(restored, report);
    let kept = kept.expect("the old store is kept");
    assert_eq!(Store::inspect(&kept).expect("whole").messages, 2);
    assert_eq!(Store::inspect(&path).expect("whole").messages, 1);
    let again = Store::open(&path, options()).expect("opens");
    accept(&again, mail("cy@example.org", "It works again?")).await;
}

#[tokio::test]
async fn a_damaged_backup_is_refused_and_nothing_is_touched() {
    let store = open(Kind::File);
    accept(&store, mail("ana@example.org", "How do I export?")).await;
    let copy = store.folder.path().join("copy.db");
    store.back_up(&copy).await.expect("copied");
    store.close().await;
    let before = std::fs::read(store.path()).expect("read");
    let whole = std::fs::read(&copy).expect("read");

    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 8192].fill(0xA5);
    let cut = whole[..whole.len() / 2].to_vec();
    for bytes in [damaged, cut, b"no store at all".to_vec()] {
        std::fs::write(&copy, bytes).expect("written");
        assert!(Store::restore(&copy, &store.path(), "test").is_err(), "a damaged file was taken");
        assert_eq!(std::fs::read(store.path()).expect("read"), before);
    }
}
