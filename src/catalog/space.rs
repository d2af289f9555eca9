//! Whether a download fits on the disk: the decision is pure, the measuring is one system call.

use super::error::PullError;
use std::path::Path;

/// Room left over after a download, so that logs and the database still have some air.
const MARGIN_BYTES: u64 = 64 << 20;

/// Free bytes for this user on the disk that holds `directory`; `None` when the system does not say.
#[cfg(unix)]
pub(super) fn free_bytes(directory: &Path) -> Option<u64> {
    let answer = rustix::fs::statvfs(directory).ok()?;
    Some(answer.f_bavail.saturating_mul(answer.f_frsize))
}

#[cfg(not(unix))]
pub(super) fn free_bytes(_directory: &Path) -> Option<u64> {
    None
}

/// Refuses a download of `needed_bytes` into a disk with `free_bytes`. An unknown amount of room is let through:
/// the write itself will tell.
pub(super) fn check(needed_bytes: u64, free_bytes: Option<u64>, directory: &Path) -> Result<(), PullError> {
    match free_bytes {
        Some(free) if free < needed_bytes.saturating_add(MARGIN_BYTES) => Err(PullError::NoSpace {
            path: directory.to_owned(),
            needed: readable(needed_bytes.saturating_add(MARGIN_BYTES)),
            free: readable(free),
        }),
        _ => Ok(()),
    }
}

/// Turns a failed write into the error a person can act on: a full disk, a folder without rights, or the rest.
pub(super) fn write_error(action: &'static str, path: &Path, reason: std::io::Error) -> PullError {
    use std::io::ErrorKind;
    match reason.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => PullError::NoSpace {
            path: path.to_owned(),
            needed: "more than there is".to_owned(),
            free: path.parent().and_then(free_bytes).map_or_else(|| "nothing".to_owned(), readable),
        },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            PullError::Unwritable { path: path.to_owned(), reason }
        }
        _ => PullError::File { action, path: path.to_owned(), reason },
    }
}

/// Bytes as a person reads them, in powers of ten like the sizes on download pages.
pub(super) fn readable(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}
