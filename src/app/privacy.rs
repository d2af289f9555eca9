//! A person's rights, with the copies of the store that this box knows of.

use super::{backups, erasures};
use crate::{
    config::Config,
    domain::ids::CustomerId,
    ports::{
        clock::{Clock as _, SystemClock},
        privacy::{CopyErased, ErasureReceipt, PersonExport, Privacy, PrivacyError, PrivacyStore},
    },
    store::{Store, StoreOptions, Tombstone},
};
use async_trait::async_trait;
use jiff::Timestamp;
use std::{
    fs::File,
    io::{Seek, Write},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::sync::Mutex;
use zip::{ZipWriter, write::SimpleFileOptions};

/// The file with the records in an export.
const RECORDS: &str = "records.json";

/// Exports and erases people.
pub struct PrivacyDesk {
    store: Arc<dyn PrivacyStore>,
    data: PathBuf,
    /// Where copies of the store lie.
    folders: Vec<PathBuf>,
    backups: PathBuf,
    /// One erasure at a time: each writes the whole store anew.
    turn: Mutex<()>,
}

impl PrivacyDesk {
    pub fn new(config: &Config, store: &Store) -> Self {
        let backups = backups::folder(config);
        Self {
            store: Arc::new(store.clone()),
            data: config.data.directory.clone(),
            folders: vec![config.data.directory.clone(), backups.clone()],
            backups,
            turn: Mutex::default(),
        }
    }
}

#[async_trait]
impl Privacy for PrivacyDesk {
    async fn archive(&self, customer: CustomerId) -> Result<File, PrivacyError> {
        let export = self.store.export_person(customer).await?;
        let mut zip = ZipWriter::new(tempfile::tempfile_in(&self.data)?);
        let options = SimpleFileOptions::default().large_file(true);
        let failed = |error: zip::result::ZipError| std::io::Error::other(error);
        zip.start_file(RECORDS, options).map_err(failed)?;
        zip.write_all(&in_json(&export)?)?;
        // One file at a time is in memory.
        for file in &export.files {
            let Some(bytes) = self.store.export_file(file.source).await? else { continue };
            zip.start_file(&file.name, options).map_err(failed)?;
            zip.write_all(&bytes)?;
        }
        let mut file = zip.finish().map_err(failed)?;
        file.rewind()?;
        Ok(file)
    }

    async fn erase(&self, customer: CustomerId, actor: &str) -> Result<ErasureReceipt, PrivacyError> {
        let _turn = self.turn.lock().await;
        let mut receipt = self.store.erase_person(customer, actor, SystemClock.now()).await?;
        let (folders, backups) = (self.folders.clone(), self.backups.clone());
        let (hash, at) = (receipt.customer_hash.clone(), receipt.erased_at);
        let copies = tokio::task::spawn_blocking(move || {
            erasures::add(&backups, &hash, at)?;
            let stone = hex::decode(&hash).ok().and_then(|bytes| bytes.try_into().ok());
            Ok::<_, std::io::Error>(stone.map_or_else(Vec::new, |stone| erase_copies(&folders, stone, at)))
        });
        receipt.copies = copies.await.map_err(std::io::Error::other)??;
        Ok(receipt)
    }
}

/// Takes a person out of every copy in the folders. One that cannot be opened is named: it is put right when it is restored.
fn erase_copies(folders: &[PathBuf], stone: Tombstone, at: Timestamp) -> Vec<CopyErased> {
    let mut paths: Vec<PathBuf> = folders.iter().flat_map(|folder| copies(folder)).collect();
    paths.sort();
    paths.dedup();
    paths
        .into_iter()
        .map(|path| {
            let modified = std::fs::metadata(&path).and_then(|file| file.modified());
            let erased = Store::apply_erasures(&path, &[(stone, at)], &StoreOptions::default());
            // The newest copy's time says when the next one is due.
            if let (Ok(modified), Ok(file)) = (modified, File::options().append(true).open(&path)) {
                let _ = file.set_modified(modified);
            }
            CopyErased {
                file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                people: *erased.as_ref().unwrap_or(&0),
                fault: erased.err().map(|error| error.to_string()),
            }
        })
        .collect()
}

/// Backups, and stores kept when one was restored.
fn copies(folder: &Path) -> Vec<PathBuf> {
    let mut found = backups::copies(folder).unwrap_or_default();
    let kept = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    found.extend(kept.filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.strip_prefix("frontdesk.before-").is_some_and(|rest| rest.strip_suffix(".db").is_some())
    }));
    found
}

fn in_json(export: &PersonExport) -> std::io::Result<Vec<u8>> {
    serde_json::to_vec_pretty(&export.records).map_err(std::io::Error::other)
}

/// Writes an export to a new ZIP file (a name that ends in `.zip`) or into a folder.
///
/// # Errors
/// When nobody of that id is known, or something cannot be written.
pub async fn export_to(
    config: &Config,
    store: &Store,
    customer: CustomerId,
    target: &Path,
) -> Result<usize, PrivacyError> {
    if target.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("zip")) {
        let mut archive = PrivacyDesk::new(config, store).archive(customer).await?;
        let mut file = private_file(target)?;
        std::io::copy(&mut archive, &mut file)?;
        file.sync_all()?;
        return Ok(zip::ZipArchive::new(archive).map_err(std::io::Error::other)?.len() - 1);
    }
    let export = store.export_person(customer).await?;
    std::fs::create_dir_all(target)?;
    private_file(&target.join(RECORDS))?.write_all(&in_json(&export)?)?;
    for file in &export.files {
        let Some(bytes) = store.export_file(file.source).await? else { continue };
        let path = target.join(&file.name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        private_file(&path)?.write_all(&bytes)?;
    }
    Ok(export.files.len())
}

/// A new file that only this user may read.
fn private_file(path: &Path) -> std::io::Result<File> {
    let mut new = File::options();
    new.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut new, 0o600);
    new.open(path)
}

#[cfg(test)]
#[path = "privacy_tests.rs"]
mod tests;
