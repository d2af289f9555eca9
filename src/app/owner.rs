//! One serving process a data folder: a second one would take the first one's work for abandoned.

use anyhow::{Context, bail};
use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

/// Held as long as this process serves the folder; the system frees it however the process ends.
#[derive(Debug)]
pub struct Ownership {
    _locked: File,
}

impl Ownership {
    /// # Errors
    /// When another process serves the folder, or the lock file cannot be made.
    pub fn take(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| {
            format!("the data folder {} cannot be made; set data.directory", folder.display())
        })?;
        let path = folder.join("frontdesk.lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .with_context(|| format!("{} cannot be made", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _locked: file }),
            Err(TryLockError::WouldBlock) => bail!(
                "another frontdesk serves {}; stop it first, or give this one its own data.directory",
                folder.display()
            ),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("{} cannot be locked", path.display()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_server_at_a_time() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Ownership::take(folder.path()).expect("free");
        let refused = Ownership::take(folder.path()).expect_err("taken").to_string();
        assert!(refused.contains("another frontdesk serves"), "{refused}");
        drop(first);
        Ownership::take(folder.path()).expect("free again");
    }
}
