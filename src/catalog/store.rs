//! The folder the models are kept in: `<directory>/<id>/<file>`, one for all checkouts of a user.

use super::checksum::{remembered, sha256_of};
use super::entry::{Catalog, ModelEntry, ModelFile};
use super::error::PullError;
use super::progress::{Event, Progress};
use super::pull::{PullOptions, Puller};
use super::space::write_error;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// What a check found about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileState {
    /// Its sha256 is the catalog's.
    Good,
    /// The catalog has no sha256; it is as it came.
    AsItCame,
    Missing,
    /// Neither the catalog nor this box knows what it should be.
    Unknown {
        found: String,
    },
    /// Other bytes than expected.
    Wrong {
        expected: String,
        found: String,
    },
}

impl FileState {
    /// Whether the file can be used.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Good | Self::AsItCame)
    }
}

/// The user's cache folder for models, where none is set: `$XDG_CACHE_HOME/frontdesk/models` or what the system has.
pub fn default_directory() -> Option<PathBuf> {
    Some(directories::BaseDirs::new()?.cache_dir().join("frontdesk").join("models"))
}

/// The model folder.
pub struct ModelStore {
    directory: PathBuf,
    catalog: Catalog,
}

impl ModelStore {
    /// A store with the built-in catalog.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self::with_catalog(directory, Catalog::embedded())
    }

    /// A store with another catalog.
    pub fn with_catalog(directory: impl Into<PathBuf>, catalog: Catalog) -> Self {
        Self { directory: directory.into(), catalog }
    }

    /// Where the models lie.
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// What there is to have.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Where a model's file lies or would lie. Does not look.
    pub fn path(&self, id: &str, file: &str) -> PathBuf {
        self.directory.join(id).join(file)
    }

    /// Whether all files of the model are there with the right size. Reads none of them; see [`Self::verify`].
    ///
    /// # Errors
    /// [`PullError::UnknownModel`].
    pub fn installed(&self, id: &str) -> Result<bool, PullError> {
        let model = self.catalog.find(id)?;
        Ok(model.files.iter().all(|file| self.is_in_place(model, file)))
    }

    fn is_in_place(&self, model: &ModelEntry, file: &ModelFile) -> bool {
        let found = self.path(&model.id, &file.name).metadata();
        found.is_ok_and(|data| data.is_file() && file.bytes.is_none_or(|bytes| bytes == data.len()))
    }

    /// Gets the missing files of a model, from the first source that gives the right bytes. Goes on where an
    /// earlier pull stopped, waits for another process that pulls the same model, and puts a file in its place
    /// only when its sha256 is right. Blocks.
    ///
    /// # Errors
    /// One [`PullError`] for each cause; what was fetched so far stays for the next try.
    pub fn pull(&self, id: &str, options: &PullOptions, progress: &dyn Progress) -> Result<(), PullError> {
        let model = self.catalog.find(id)?;
        let unpinned = model.files.iter().find(|file| file.sha256.is_none());
        if let (Some(file), false) = (unpinned, options.allow_unverified) {
            return Err(PullError::Unverified { id: id.to_owned(), file: file.name.clone() });
        }
        let folder = self.directory.join(id);
        std::fs::create_dir_all(&self.directory).map_err(|reason| unwritable(&self.directory, reason))?;
        let _lock = self.lock(id, progress)?;
        std::fs::create_dir_all(&folder).map_err(|reason| unwritable(&folder, reason))?;
        let missing: Vec<&ModelFile> =
            model.files.iter().filter(|file| !self.is_in_place(model, file)).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let outcome = Puller::new(model, &folder, options, progress).pull(&missing);
        if outcome.is_err() {
            // Succeeds only on an empty folder: one that never got a byte is not worth keeping.
            let _ = std::fs::remove_dir(&folder);
        }
        outcome
    }

    /// The ids of the models of which at least one whole file is here, in the catalog's order.
    pub fn present(&self) -> Vec<&str> {
        let models = self.catalog.models().iter();
        models
            .filter(|model| model.files.iter().any(|file| self.path(&model.id, &file.name).is_file()))
            .map(|model| model.id.as_str())
            .collect()
    }

    /// Reads every file of the model and compares its sha256.
    ///
    /// # Errors
    /// When the model is not known, none of it is there, or a file cannot be read.
    pub fn verify(&self, id: &str) -> Result<Vec<(String, FileState)>, PullError> {
        let model = self.catalog.find(id)?;
        let folder = self.directory.join(id);
        if !model.files.iter().any(|file| folder.join(&file.name).exists()) {
            return Err(PullError::NotInstalled { id: id.to_owned(), directory: self.directory.clone() });
        }
        let remembered = remembered(&folder);
        let check = |file: &ModelFile| {
            let path = folder.join(&file.name);
            if !path.is_file() {
                return Ok((file.name.clone(), FileState::Missing));
            }
            let found =
                sha256_of(&path).map_err(|reason| PullError::File { action: "cannot read", path, reason })?;
            let as_pinned = if file.sha256.is_some() { FileState::Good } else { FileState::AsItCame };
            let state = match file.sha256.as_ref().or(remembered.get(&file.name)) {
                Some(expected) if *expected == found => as_pinned,
                Some(expected) => FileState::Wrong { expected: expected.clone(), found },
                None => FileState::Unknown { found },
            };
            Ok((file.name.clone(), state))
        };
        model.files.iter().map(check).collect()
    }

    /// Removes a model's files, whole or begun. Gives the bytes that became free.
    ///
    /// # Errors
    /// When the model is not known, nothing of it is there, or the folder cannot be removed.
    pub fn remove(&self, id: &str, progress: &dyn Progress) -> Result<u64, PullError> {
        self.catalog.find(id)?;
        let folder = self.directory.join(id);
        if !folder.is_dir() {
            return Err(PullError::NotInstalled { id: id.to_owned(), directory: self.directory.clone() });
        }
        let _lock = self.lock(id, progress)?;
        let files = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let bytes = files.filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum();
        std::fs::remove_dir_all(&folder).map_err(|reason| PullError::File {
            action: "cannot remove",
            path: folder,
            reason,
        })?;
        Ok(bytes)
    }

    /// One process at a time works on a model. The lock ends with the process, however it ends.
    fn lock(&self, id: &str, progress: &dyn Progress) -> Result<File, PullError> {
        let path = self.directory.join(format!(".{id}.lock"));
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|reason| unwritable(&path, reason))?;
        match file.try_lock() {
            // Some network file systems have no locks. Two pulls at once would then be the user's own doing.
            Ok(()) | Err(TryLockError::Error(_)) => return Ok(file),
            Err(TryLockError::WouldBlock) => {}
        }
        progress.report(&Event::Note { text: "another process is working on this model: waiting for it" });
        file.lock().map_err(|reason| PullError::File { action: "cannot lock", path, reason })?;
        Ok(file)
    }
}

fn unwritable(path: &Path, reason: std::io::Error) -> PullError {
    match write_error("cannot write", path, reason) {
        PullError::File { path, reason, .. } => PullError::Unwritable { path, reason },
        other => other,
    }
}
