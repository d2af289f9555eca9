//! Connections that only read, beside the writer. Each read sees one consistent state. Knows no table.

use super::error::failed;
use crate::ports::store::StoreError;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// A fixed set of connections, lent one by one to threads that may block.
#[derive(Clone)]
pub(super) struct Readers {
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
    count: usize,
}

impl Readers {
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let count = connections.len();
        Self { idle: Arc::new(Mutex::new(connections)), permits: Arc::new(Semaphore::new(count)), count }
    }

    /// Runs `work` in a read transaction on a free connection, waiting for one if need be.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when the store is closing, and whatever `work` says.
    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreError::Busy)?;
        let readers = self.clone();
        let reading = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let lent = Lent { connection: readers.take(), readers: &readers };
            let Some(connection) = &lent.connection else { return Err(StoreError::Busy) };
            let snapshot = connection.unchecked_transaction()?;
            work(&snapshot)
        });
        reading.await.unwrap_or_else(|_| Err(failed("a store read panicked; see the log")))
    }

    /// Waits for the reads under way and closes the connections. Later reads are refused.
    pub(super) async fn close(&self) {
        let all = u32::try_from(self.count).unwrap_or(u32::MAX);
        // Refused only when somebody else closed already.
        if let Ok(permits) = self.permits.acquire_many(all).await {
            self.permits.close();
            self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
            drop(permits);
        }
    }

    fn take(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }
}

/// Brings the connection back, also when the work panicked.
struct Lent<'a> {
    connection: Option<Connection>,
    readers: &'a Readers,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.readers.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        }
    }
}
