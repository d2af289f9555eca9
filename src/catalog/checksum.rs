//! A file that is hashed while it is written, so that a finished download needs no second reading.

use super::check::is_sha256;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

const BUFFER_BYTES: usize = 1 << 20;
/// Checksums of the files as they came, in the form `sha256sum -c` reads.
const CHECKSUMS: &str = "checksums.sha256";

/// An append-only file with the sha256 of everything in it so far.
pub(super) struct HashingFile {
    file: File,
    hasher: Sha256,
    length: u64,
}

impl HashingFile {
    /// Opens or makes the file, keeps at most the first `keep_bytes` of it, and hashes what is kept.
    pub(super) fn open(path: &Path, keep_bytes: u64) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        if file.metadata()?.len() > keep_bytes {
            file.set_len(keep_bytes)?;
        }
        let mut hasher = Sha256::new();
        let length = hash_into(&mut file, &mut hasher)?;
        Ok(Self { file, hasher, length })
    }

    /// Bytes in the file.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// Throws everything away and starts again.
    pub(super) fn restart(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.hasher = Sha256::new();
        self.length = 0;
        Ok(())
    }

    /// Makes what was written survive a power cut.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// The sha256 of the content so far, in lower-case hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex::encode(self.hasher.clone().finalize())
    }
}

impl Write for HashingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.length += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// The sha256 of a file, in lower-case hexadecimal.
pub(super) fn sha256_of(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    hash_into(&mut File::open(path)?, &mut hasher)?;
    Ok(hex::encode(hasher.finalize()))
}

fn hash_into(file: &mut File, hasher: &mut Sha256) -> io::Result<u64> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut length = 0;
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(length),
            read => {
                hasher.update(&buffer[..read]);
                length += read as u64;
            }
        }
    }
}

/// Writes a small file so that a crash leaves the old or the new one, never half.
pub(super) fn replace(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let beside = path.with_added_extension("new");
    let mut file = File::create(&beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)
}

/// The checksums of the files in a model's folder as they came, by file name.
pub(super) fn remembered(folder: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(folder.join(CHECKSUMS)).unwrap_or_default();
    text.lines()
        .filter_map(|line| line.split_once("  "))
        .filter(|(sha256, _)| is_sha256(sha256))
        .map(|(sha256, name)| (name.to_owned(), sha256.to_owned()))
        .collect()
}

/// Adds one file's checksum to those remembered.
pub(super) fn remember(folder: &Path, name: &str, sha256: &str) -> io::Result<()> {
    let mut all = remembered(folder);
    all.insert(name.to_owned(), sha256.to_owned());
    let lines: Vec<String> = all.iter().map(|(name, sha256)| format!("{sha256}  {name}")).collect();
    replace(&folder.join(CHECKSUMS), (lines.join("\n") + "\n").as_bytes())
}
