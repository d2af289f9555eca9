//! Copies of the store: made on demand and on schedule, the oldest removed, and one put back.

use super::{erasures, owner::Ownership};
use crate::{
    config::Config,
    ports::{
        clock::{Clock as _, SystemClock},
        store::Reports as _,
    },
    store::{FileReport, Store},
};
use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio_util::sync::CancellationToken;

/// How often a serving box looks whether a copy is due.
const LOOK_EVERY: Duration = Duration::from_mins(1);
const PREFIX: &str = "frontdesk-";
const SUFFIX: &str = ".db";

pub(super) fn folder(config: &Config) -> PathBuf {
    config.backup.directory.clone().unwrap_or_else(|| config.data.directory.join("backups"))
}

/// Copies the store to `target`, or under the time's name into the backup folder, where older copies are then removed.
///
/// # Errors
/// When the copy cannot be written or is not whole.
pub async fn back_up(
    config: &Config,
    store: &Store,
    target: Option<&Path>,
) -> anyhow::Result<(PathBuf, FileReport)> {
    if let Some(target) = target {
        return Ok((target.to_owned(), store.back_up(target).await?));
    }
    let folder = folder(config);
    std::fs::create_dir_all(&folder).with_context(|| {
        format!("the backup folder {} cannot be made; set backup.directory", folder.display())
    })?;
    let name = SystemClock.now().strftime("%Y%m%dT%H%M%SZ");
    let path = folder.join(format!("{PREFIX}{name}{SUFFIX}"));
    let report = store.back_up(&path).await?;
    for old in outdated(copies(&folder)?, config.backup.keep as usize) {
        std::fs::remove_file(&old).with_context(|| format!("{} cannot be removed", old.display()))?;
    }
    Ok((path, report))
}

/// Puts a backup in the store's place. No server may be running on the data folder. Who was erased since the backup was made is taken out
/// again: the store that was there, the backup's folder and the backup folder say who.
///
/// # Errors
/// When a server runs, the backup is damaged or from a newer version, or files cannot be written.
pub fn restore(config: &Config, backup: &Path) -> anyhow::Result<(FileReport, Option<PathBuf>)> {
    let _ownership = Ownership::take(&config.data.directory)?;
    let path = config.data.directory.join("frontdesk.db");
    let now = SystemClock.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut erased = Vec::new();
    if path.exists() {
        erased.extend(Store::tombstones(&path).unwrap_or_else(|error| {
            tracing::warn!(%error, "the store that is replaced does not say who was erased");
            Vec::new()
        }));
    }
    for folder in [Some(folder(config)), backup.parent().map(Path::to_owned)].into_iter().flatten() {
        erased.extend(erasures::read(&folder)?);
    }
    let (report, kept) = Store::restore(backup, &path, &now)?;
    if erased.is_empty() {
        return Ok((report, kept));
    }
    let people = Store::apply_erasures(&path, &erased, &crate::store::StoreOptions::default())?;
    if people > 0 {
        tracing::warn!(
            people,
            "people who were erased since this backup was made have been taken out of it again"
        );
    }
    Ok((Store::inspect(&path)?, kept))
}

/// The copies in a folder by name, which is their time: oldest first.
pub(super) fn copies(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(PREFIX) && name.ends_with(SUFFIX) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// All but the newest `keep`.
fn outdated(mut copies: Vec<PathBuf>, keep: usize) -> Vec<PathBuf> {
    copies.truncate(copies.len().saturating_sub(keep));
    copies
}

/// Makes copies on schedule until `stop`.
pub(super) fn start(config: &Config, store: &Store, stop: CancellationToken) {
    if config.backup.every_hours == 0 {
        return;
    }
    let (config, store) = (config.clone(), store.clone());
    tokio::spawn(async move {
        tokio::select! {
            () = keep_copies(&config, &store) => {}
            () = stop.cancelled() => {}
        }
    });
}

async fn keep_copies(config: &Config, store: &Store) {
    let every = SignedDuration::from_hours(i64::from(config.backup.every_hours));
    let started = SystemClock.now();
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let last = newest(&folder(config)).unwrap_or(started);
        if SystemClock.now().duration_since(last) < every {
            continue;
        }
        if let Err(error) = store.accepts_work().await {
            tracing::error!(%error, "no copy is made where space is short");
            continue;
        }
        match back_up(config, store, None).await {
            Ok((path, report)) => {
                tracing::info!(path = %path.display(), bytes = report.byte_count, "the store was copied");
            }
            Err(error) => tracing::error!(error = format!("{error:#}"), "the store was not copied"),
        }
    }
}

/// When the newest copy was made, by its file's time: a restart must not make another one too soon.
pub(super) fn newest(folder: &Path) -> Option<Timestamp> {
    let modified = std::fs::metadata(copies(folder).ok()?.pop()?).ok()?.modified().ok()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Timestamp::from_second(i64::try_from(since.as_secs()).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case(3, &["a"])]
    #[case(4, &[])]
    #[case(9, &[])]
    #[case(1, &["a", "b", "c"])]
    fn the_newest_copies_stay(#[case] keep: usize, #[case] removed: &[&str]) {
        let all: Vec<PathBuf> = ["a", "b", "c", "d"].map(PathBuf::from).to_vec();
        let removed: Vec<PathBuf> = removed.iter().map(PathBuf::from).collect();
        assert_eq!(outdated(all, keep), removed);
    }
}
