//! From SQLite's result codes to the port's few kinds of failure. Knows no table.

use crate::ports::store::StoreError;
use rusqlite::ErrorCode;

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        classify(&error).unwrap_or_else(|| Self::Failed(Box::new(error)))
    }
}

impl From<rusqlite_migration::Error> for StoreError {
    fn from(error: rusqlite_migration::Error) -> Self {
        match error {
            rusqlite_migration::Error::RusqliteError { err, .. } => err.into(),
            rusqlite_migration::Error::MigrationDefinition(
                rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
            ) => failed("the file was written by a newer version of this program; install that version"),
            other => Self::Failed(Box::new(other)),
        }
    }
}

/// The kinds a caller can act on: wait, or tell the operator that the disk needs care. `None` for everything else.
pub(super) fn classify(error: &rusqlite::Error) -> Option<StoreError> {
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return None };
    match failure.code {
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::OperationInterrupted => {
            Some(StoreError::Busy)
        }
        ErrorCode::DiskFull => {
            unwritable("the disk is full, or the file reached its size limit: free some space")
        }
        ErrorCode::ReadOnly => {
            unwritable("the file or its folder is read-only: check its owner and permissions")
        }
        ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
            unwritable("the file cannot be opened: check that its folder exists and belongs to this user")
        }
        ErrorCode::SystemIoFailure => Some(StoreError::Unwritable(format!(
            "the disk reports an error (SQLite's code {}): check the device and its log",
            failure.extended_code
        ))),
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            unwritable("the file is damaged or no database: restore a backup")
        }
        ErrorCode::OutOfMemory => unwritable("memory ran out"),
        _ => None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "reads as an arm of classify")]
fn unwritable(what_to_do: &str) -> Option<StoreError> {
    Some(StoreError::Unwritable(what_to_do.to_owned()))
}

/// A failure of our own with a text that says what is wrong.
pub(super) fn failed(text: impl Into<String>) -> StoreError {
    StoreError::Failed(text.into().into())
}
