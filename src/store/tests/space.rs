//! Too little space: refused before SQLite fails, and taken again by itself.

use super::*;
use crate::{
    ports::store::{Reports, StoreError},
    store::FreeSpace,
};
use std::sync::{Arc, atomic::AtomicU64};

#[tokio::test]
async fn new_messages_are_refused_while_space_is_short_and_what_was_taken_goes_on() {
    let free = Arc::new(AtomicU64::new(500));
    let seen = free.clone();
    let free_space = FreeSpace(Arc::new(move |_| Some(seen.load(Ordering::Relaxed))));
    let store = open_with(Kind::File, StoreOptions { keep_free_bytes: 100, free_space, ..options() });
    let first = accept(&store, web("ana@example.org", "How do I export?")).await;

    free.store(50, Ordering::Relaxed);
    store.forget_space();
    let refused = store.accept(web("ben@example.org", "How do I import?")).await;
    assert!(matches!(refused, Err(StoreError::DiskLow { .. })), "{refused:?}");
    assert!(matches!(store.accepts_work().await, Err(StoreError::DiskLow { .. })));
    store.check_writable().await.expect("a watchdog must not start the box anew for this");
    let job = lease(&store, 0).await;
    store
        .commit_turn(&job, answered(&job, first.message_id, "Like this."), at(1))
        .await
        .expect("what was accepted is still answered");

    free.store(500, Ordering::Relaxed);
    store.forget_space();
    accept(&store, web("ben@example.org", "How do I import?")).await;
}
