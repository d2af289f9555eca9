//! The list of tombstones beside the backups: it outlives the store, so that a backup restored on a new box is put right, too.
//! One line each: the digest of an erased customer's id, and when.

use crate::store::Tombstone;
use anyhow::Context;
use jiff::Timestamp;
use std::{io::Write, path::Path};

const NAME: &str = "erasures.txt";

/// What the folder's list says; nothing where there is none. A line that cannot be read is named, not skipped.
///
/// # Errors
/// When the list cannot be read.
pub(super) fn read(folder: &Path) -> anyhow::Result<Vec<(Tombstone, Timestamp)>> {
    let path = folder.join(NAME);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("{} cannot be read", path.display())),
    };
    let line = |line: &str| -> Option<(Tombstone, Timestamp)> {
        let (hash, at) = line.split_once(' ')?;
        Some((hex::decode(hash).ok()?.try_into().ok()?, at.trim().parse().ok()?))
    };
    text.lines()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(number, text)| {
            line(text).with_context(|| format!("line {} of {} is damaged", number + 1, path.display()))
        })
        .collect()
}

/// Adds one; on the disk when this returns.
///
/// # Errors
/// When the list cannot be written.
pub(super) fn add(folder: &Path, hash: &str, at: Timestamp) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(folder.join(NAME))?;
    writeln!(file, "{hash} {at}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_added_is_read_back_and_damage_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(read(folder.path()).expect("none").is_empty());
        let at: Timestamp = "2026-11-24T10:00:00Z".parse().expect("a time");
        add(folder.path(), &hex::encode([7; 32]), at).expect("added");
        add(folder.path(), &hex::encode([8; 32]), at).expect("added");
        assert_eq!(read(folder.path()).expect("read"), [([7; 32], at), ([8; 32], at)]);
        std::fs::write(folder.path().join(NAME), "no digest\n").expect("written");
        assert!(read(folder.path()).expect_err("damaged").to_string().contains("line 1"));
    }
}
