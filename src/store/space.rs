//! Refusing new messages while the disk still has room for what was accepted before: a full disk fails in the middle of everything.

use super::{Store, lock};
use crate::ports::store::StoreError;
use std::{
    fmt,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// How long an answer of the file system counts.
const FRESH: Duration = Duration::from_secs(1);

type Probe = dyn Fn(&Path) -> Option<u64> + Send + Sync;

/// Finds out how many bytes are free on the disk of a file; `None` where it cannot be told.
#[derive(Clone)]
pub struct FreeSpace(pub Arc<Probe>);

impl Default for FreeSpace {
    fn default() -> Self {
        Self(Arc::new(free_bytes))
    }
}

impl fmt::Debug for FreeSpace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FreeSpace")
    }
}

impl PartialEq for FreeSpace {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

#[cfg(unix)]
fn free_bytes(path: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(path).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    at: Instant,
    free: Option<u64>,
    low: bool,
}

/// What was seen last.
#[derive(Debug, Default)]
pub(super) struct Watch(Mutex<Option<Seen>>);

impl Store {
    /// # Errors
    /// [`StoreError::DiskLow`] from the moment less than `keep_free_bytes` are free until a tenth more are.
    pub(super) fn require_space(&self) -> Result<(), StoreError> {
        let keep = self.options().keep_free_bytes;
        let Some(path) = self.shared.path.as_deref().filter(|_| keep > 0) else { return Ok(()) };
        let mut seen = lock(&self.shared.space.0);
        let before = *seen;
        let now = match before {
            Some(last) if last.at.elapsed() < FRESH => last,
            _ => {
                let free = (self.options().free_space.0)(path);
                let low = is_low(free, keep, before.is_some_and(|last| last.low));
                if low != before.is_some_and(|last| last.low) {
                    report(low, free);
                }
                Seen { at: Instant::now(), free, low }
            }
        };
        *seen = Some(now);
        let free_mib = now.free.unwrap_or_default() / (1024 * 1024);
        if now.low { Err(StoreError::DiskLow { free_mib }) } else { Ok(()) }
    }

    /// Looks anew at the next message.
    #[cfg(test)]
    pub(super) fn forget_space(&self) {
        if let Some(seen) = lock(&self.shared.space.0).as_mut() {
            seen.at -= FRESH;
        }
    }
}

fn is_low(free: Option<u64>, keep: u64, was_low: bool) -> bool {
    let wanted = if was_low { keep.saturating_add(keep / 10) } else { keep };
    free.is_some_and(|free| free < wanted)
}

fn report(low: bool, free: Option<u64>) {
    let free_mib = free.unwrap_or_default() / (1024 * 1024);
    if low {
        tracing::error!(free_mib, "the disk is nearly full: new messages are refused until there is room");
    } else {
        tracing::info!(free_mib, "there is room again: new messages are taken");
    }
}

#[cfg(test)]
mod tests {
    use super::is_low;
    use rstest::rstest;

    #[rstest]
    #[case::plenty(Some(1000), false, false)]
    #[case::just_enough(Some(100), false, false)]
    #[case::too_little(Some(99), false, true)]
    #[case::hardly_more(Some(105), true, true)]
    #[case::room_again(Some(110), true, false)]
    #[case::nobody_knows(None, true, false)]
    fn the_border_is_not_crossed_back_and_forth(
        #[case] free: Option<u64>,
        #[case] was_low: bool,
        #[case] low: bool,
    ) {
        assert_eq!(is_low(free, 100, was_low), low);
    }
}
