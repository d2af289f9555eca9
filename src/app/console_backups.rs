//! The store's copies as the console shows and orders them.

use super::backups::{back_up, copies, folder};
use crate::{
    config::Config,
    ports::{
        console::{BackupList, BackupView, Backups},
        store::StoreError,
    },
    store::Store,
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::path::Path;
use tokio::sync::Mutex;

/// Copies of one box's store.
pub struct ConsoleBackups {
    config: Config,
    store: Store,
    /// One copy at a time: two of the same second would have one name.
    making: Mutex<()>,
}

impl ConsoleBackups {
    pub fn new(config: &Config, store: &Store) -> Self {
        Self { config: config.clone(), store: store.clone(), making: Mutex::new(()) }
    }
}

#[async_trait]
impl Backups for ConsoleBackups {
    async fn list(&self) -> Result<BackupList, StoreError> {
        let folder = folder(&self.config);
        // A folder that is not there yet holds no copies.
        let paths = if folder.is_dir() { copies(&folder).map_err(failed)? } else { Vec::new() };
        let items = paths.iter().rev().filter_map(|path| view(path)).collect();
        let backup = &self.config.backup;
        Ok(BackupList {
            folder: folder.display().to_string(),
            every_hours: backup.every_hours,
            keep: backup.keep,
            items,
        })
    }

    async fn make(&self) -> Result<BackupView, StoreError> {
        let Ok(_making) = self.making.try_lock() else {
            return Err(StoreError::Refused {
                code: "backup_running",
                detail: "A copy is being made already.",
            });
        };
        let (path, _) = back_up(&self.config, &self.store, None).await.map_err(failed)?;
        view(&path).ok_or_else(|| failed(anyhow::anyhow!("{} is gone already", path.display())))
    }
}

fn failed(error: anyhow::Error) -> StoreError {
    StoreError::Failed(error.into())
}

/// A copy that can be read; one that was removed meanwhile is none.
fn view(path: &Path) -> Option<BackupView> {
    let file = std::fs::metadata(path).ok()?;
    let made_at = Timestamp::try_from(file.modified().ok()?).ok()?;
    Some(BackupView { name: path.file_name()?.to_str()?.to_owned(), bytes: file.len(), made_at })
}
