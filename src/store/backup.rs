//! A copy of the whole store while it works.

use super::{Store, error::failed, schema};
use crate::ports::store::StoreError;
use rusqlite::backup::Backup;
use std::{path::Path, time::Duration};

/// So many pages are copied at a time; writers come in between.
const PAGES: i32 = 1024;

impl Store {
    /// Copies the store to a file that opens like the original. It appears under its name only when it is complete.
    ///
    /// # Errors
    /// [`StoreError::Failed`] for a store in memory or when the file exists already, [`StoreError::Unwritable`] when the
    /// copy cannot be written.
    pub async fn back_up(&self, target: &Path) -> Result<(), StoreError> {
        let Some(source) = self.shared.path.clone() else {
            return Err(failed("a store in memory has no backup"));
        };
        if target.exists() {
            return Err(failed("the backup's file exists already; choose another name"));
        }
        let (target, options) = (target.to_owned(), self.options().clone());
        let copying = tokio::task::spawn_blocking(move || {
            let partial = target.with_extension("partial");
            let reader = schema::open_reader(&source, &options)?;
            schema::create_private(&partial)?;
            let mut copy = rusqlite::Connection::open(&partial)?;
            Backup::new(&reader, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
            copy.close().map_err(|(_, error)| error)?;
            std::fs::rename(&partial, &target).map_err(|error| StoreError::Unwritable(error.to_string()))
        });
        copying.await.unwrap_or_else(|_| Err(failed("the backup broke off; see the log")))
    }
}
