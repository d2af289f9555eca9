//! A copy of the whole store while it works, the check of such a copy, and putting one in the store's place.

use super::{Store, error::failed, schema};
use crate::ports::store::StoreError;
use rusqlite::{Connection, OpenFlags, backup::Backup};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// So many pages are copied at a time; writers come in between.
const PAGES: i32 = 1024;

/// What a store's file holds, after it was found whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileReport {
    /// Migrations it went through.
    pub schema_version: usize,
    pub customers: u64,
    pub tickets: u64,
    pub messages: u64,
    pub byte_count: u64,
}

impl Store {
    /// Copies the store to a file that opens like the original. It appears under its name only when it is complete and was found
    /// whole.
    ///
    /// # Errors
    /// [`StoreError::Failed`] for a store in memory, when the file exists already or the copy is damaged,
    /// [`StoreError::Unwritable`] when the copy cannot be written.
    pub async fn back_up(&self, target: &Path) -> Result<FileReport, StoreError> {
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
            remove_if_there(&partial)?;
            schema::create_private(&partial)?;
            let mut copy = Connection::open(&partial)?;
            Backup::new(&reader, &mut copy)?.run_to_completion(PAGES, Duration::ZERO, None)?;
            // One file by itself: the copy needs no log beside it.
            copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
            copy.close().map_err(|(_, error)| error)?;
            let report = inspect(&partial)?;
            std::fs::rename(&partial, &target).map_err(unwritable)?;
            Ok(report)
        });
        copying.await.unwrap_or_else(|_| Err(failed("the backup broke off; see the log")))
    }

    /// Checks a file from page to page and row to row without changing it.
    ///
    /// # Errors
    /// [`StoreError::Failed`] when it is no store of this program, damaged, or from a newer version.
    pub fn inspect(path: &Path) -> Result<FileReport, StoreError> {
        schema::register_vectors()?;
        inspect(path)
    }

    /// Puts a checked copy in the place of the store at `path`, which nobody may have open; where the store that was there is
    /// kept, if there was one.
    ///
    /// # Errors
    /// As [`Store::inspect`], and when files cannot be written: then the old store is still in its place.
    pub fn restore(
        backup: &Path,
        path: &Path,
        suffix: &str,
    ) -> Result<(FileReport, Option<PathBuf>), StoreError> {
        let report = Self::inspect(backup)?;
        let partial = path.with_extension("restoring");
        remove_if_there(&partial)?;
        schema::create_private(&partial)?;
        std::fs::copy(backup, &partial).map_err(unwritable)?;
        if inspect(&partial)? != report {
            return Err(failed("the copy differs from the backup; is the disk full?"));
        }
        let kept = path.exists().then(|| path.with_extension(format!("before-{suffix}.db")));
        if let Some(kept) = &kept {
            // Brings the old store's log into its file, so that what is kept is whole.
            let old = Connection::open(path)?;
            old.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?;
            old.close().map_err(|(_, error)| error)?;
            std::fs::rename(path, kept).map_err(unwritable)?;
        }
        std::fs::rename(&partial, path).map_err(unwritable)?;
        Ok((report, kept))
    }
}

fn inspect(path: &Path) -> Result<FileReport, StoreError> {
    let byte_count = std::fs::metadata(path)
        .map_err(|error| failed(format!("{} cannot be read: {error}", path.display())))?
        .len();
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    let damage = |what: &str| failed(format!("{} is no usable store: {what}", path.display()));
    let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    let verdict = text("PRAGMA integrity_check(1)").map_err(|error| damage(&error.to_string()))?;
    if verdict != "ok" {
        return Err(damage(&verdict));
    }
    if connection.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(damage("rows point to rows that are not there"));
    }
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let version = usize::try_from(version).unwrap_or_default();
    if version == 0 || version > schema::version() {
        return Err(damage(&format!(
            "its version is {version}, and this program knows versions 1 to {}",
            schema::version()
        )));
    }
    let rows = |table: &str| -> Result<u64, StoreError> {
        let count: i64 =
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))?;
        Ok(u64::try_from(count).unwrap_or_default())
    };
    Ok(FileReport {
        schema_version: version,
        customers: rows("customers")?,
        tickets: rows("tickets")?,
        messages: rows("messages")?,
        byte_count,
    })
}

fn remove_if_there(path: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(unwritable(error)),
    }
}

fn unwritable(error: std::io::Error) -> StoreError {
    StoreError::Unwritable(error.to_string())
}
