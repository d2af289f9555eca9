//! The one thread that writes. Transactions come in over a bounded channel; those that wait together share one
//! BEGIN IMMEDIATE … COMMIT, each in a savepoint of its own, and every answer leaves only after the COMMIT.
//! Knows no table.

use super::error::failed;
use crate::ports::store::StoreError;
use rusqlite::Connection;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread::JoinHandle,
};
use tokio::sync::{mpsc, oneshot};

/// At most so many transactions share a commit, so that the first never waits long for the last.
const GROUP_LIMIT: usize = 128;

/// Hands transactions to the writer thread. Dropping it ends the thread once the waiting ones are done.
pub(super) struct Writer {
    requests: mpsc::Sender<Box<dyn Request>>,
}

impl Writer {
    /// Starts the thread. It owns the connection and, at its end, brings the log into the file.
    pub(super) fn start(
        connection: Connection,
        queue_length: usize,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (requests, receiver) = mpsc::channel(queue_length.max(1));
        let thread = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || serve(&connection, receiver))?;
        Ok((Self { requests }, thread))
    }

    /// Runs one transaction: all of it or nothing.
    ///
    /// # Errors
    /// [`StoreError::Busy`] at once when the queue is full or the store is closing, and whatever `work` or the commit says.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let request = Box::new(Transaction { work: Some(work), result: None, answer });
        self.requests.try_send(request).map_err(|_| StoreError::Busy)?;
        answered.await.unwrap_or(Err(StoreError::Busy))
    }
}

/// A transaction with its types hidden, so that different ones fit one queue.
trait Request: Send {
    fn is_abandoned(&self) -> bool;
    /// Runs it. A failure means that its changes must be undone.
    fn run(&mut self, connection: &Connection) -> Option<StoreError>;
    /// Sends the result, or the failure of the commit it was part of.
    fn answer(self: Box<Self>, commit_failure: Option<StoreError>);
}

struct Transaction<T, F> {
    work: Option<F>,
    result: Option<Result<T, StoreError>>,
    answer: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Request for Transaction<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, StoreError> + Send,
{
    fn is_abandoned(&self) -> bool {
        self.answer.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Option<StoreError> {
        let work = self.work.take()?;
        // A panic in one transaction is that one's failure; the thread serves everybody.
        let result = catch_unwind(AssertUnwindSafe(|| work(connection)))
            .unwrap_or_else(|_| Err(failed("a store transaction panicked; see the log")));
        let failure = result.as_ref().err().map(copy_of);
        self.result = Some(result);
        failure
    }

    fn answer(self: Box<Self>, commit_failure: Option<StoreError>) {
        let result = match (self.result, commit_failure) {
            (Some(Err(own)), _) => Err(own),
            (_, Some(failure)) => Err(failure),
            (Some(Ok(value)), None) => Ok(value),
            (None, None) => Err(StoreError::Busy),
        };
        // A caller that left needs no answer.
        drop(self.answer.send(result));
    }
}

fn serve(connection: &Connection, mut requests: mpsc::Receiver<Box<dyn Request>>) {
    while let Some(first) = requests.blocking_recv() {
        let mut group = vec![first];
        while group.len() < GROUP_LIMIT
            && let Ok(next) = requests.try_recv()
        {
            group.push(next);
        }
        group.retain(|request| !request.is_abandoned());
        if !group.is_empty() {
            commit_group(connection, group);
        }
    }
    if let Err(error) = connection.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);") {
        tracing::warn!(%error, "the store's log was not brought into its file; that happens at the next start");
    }
}

fn commit_group(connection: &Connection, mut group: Vec<Box<dyn Request>>) {
    let outcome = run_group(connection, &mut group);
    if outcome.is_err() && !connection.is_autocommit() {
        drop(connection.execute_batch("ROLLBACK"));
    }
    let failure = outcome.err();
    for request in group {
        request.answer(failure.as_ref().map(copy_of));
    }
}

fn run_group(connection: &Connection, group: &mut [Box<dyn Request>]) -> Result<(), StoreError> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    for request in group {
        connection.prepare_cached("SAVEPOINT request")?.execute([])?;
        if let Some(failure) = request.run(connection) {
            // Grave errors (a full disk, for one) end the whole transaction: the others of the group are lost with it.
            if connection.is_autocommit() {
                return Err(failure);
            }
            connection.prepare_cached("ROLLBACK TO request")?.execute([])?;
        }
        connection.prepare_cached("RELEASE request")?.execute([])?;
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(())
}

/// One failure, for each of those who share it.
fn copy_of(error: &StoreError) -> StoreError {
    match error {
        StoreError::Busy => StoreError::Busy,
        StoreError::Unwritable(reason) => StoreError::Unwritable(reason.clone()),
        StoreError::NotFound(what) => StoreError::NotFound(what),
        StoreError::DiskLow { free_mib } => StoreError::DiskLow { free_mib: *free_mib },
        StoreError::Conflict => StoreError::Conflict,
        StoreError::Refused { code, detail } => StoreError::Refused { code, detail },
        StoreError::Failed(source) => failed(source.to_string()),
    }
}
