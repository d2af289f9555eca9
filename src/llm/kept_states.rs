//! States of beginnings on disk: one file each, checked by a checksum, bound to one model's weights. A file holds only what
//! goes beyond the beginning that most of them share (the instructions), so that a passage costs its own tokens and no more.

use super::{
    kv_cache::{CacheShape, Sequence},
    prefix_cache::common,
};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Names the format and the arithmetic: states of an engine that rounds otherwise must not be taken over.
const MAGIC: &[u8; 8] = b"FDKV0002";
const EXTENSION: &str = "kv";
/// Sharing fewer tokens is not worth a second file to read.
const LEAST_SHARED: usize = 32;
/// Bytes before the tokens: magic, weights, base, shared tokens, all tokens.
const HEAD: usize = 8 + 32 + 16 + 4 + 4;
/// More tokens than any prompt has: what says so is damaged.
const MOST_TOKENS: usize = 1 << 20;

/// Where states are kept across restarts.
#[derive(Debug, Clone)]
pub struct DiskStore {
    pub folder: PathBuf,
    /// The oldest files go when all together are larger.
    pub max_bytes: u64,
}

/// A file of the folder.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) tokens: Vec<u32>,
    /// Digest of the tokens.
    own: [u8; 16],
    /// Digest of the tokens of the beginning it builds upon; zero for none.
    base: [u8; 16],
    /// Tokens taken from there: a multiple of 16.
    shared: usize,
    path: PathBuf,
    bytes: u64,
}

/// The folder's files of one model.
pub(super) struct KeptStates {
    store: DiskStore,
    weights: [u8; 32],
    shape: CacheShape,
    /// Oldest first.
    files: Vec<Kept>,
    /// When the folder had last changed as it was read: another process may add to it.
    read_at: Option<SystemTime>,
}

impl KeptStates {
    pub(super) fn open(store: DiskStore, weights_id: &str, shape: CacheShape) -> Self {
        let weights = Sha256::digest(weights_id.as_bytes()).into();
        Self { store, weights, shape, files: Vec::new(), read_at: None }
    }

    /// The files, read again if the folder has changed.
    pub(super) fn index(&mut self) -> &[Kept] {
        let changed = fs::metadata(&self.store.folder).and_then(|folder| folder.modified()).ok();
        if changed != self.read_at {
            self.read_at = changed;
            self.files = self.scan();
        }
        &self.files
    }

    /// The state of the file with the longest beginning in common with `tokens`, if that is at least `least` long.
    pub(super) fn recall(&mut self, tokens: &[u32], least: usize) -> Option<(Vec<u32>, Sequence)> {
        let (best, len) = self
            .index()
            .iter()
            .map(|kept| (kept, common(&kept.tokens, tokens)))
            .max_by_key(|(_, len)| *len)?;
        if len < least {
            return None;
        }
        let kept = best.clone();
        let state = self.read(&kept);
        if state.is_none() {
            tracing::warn!("a damaged file of the prompt cache was removed");
            self.remove(&kept.path);
        }
        Some((kept.tokens, state?))
    }

    /// Keeps the state of the tokens, which the sequence holds at its beginning. Best effort: an answer does not fail
    /// because a disk is full.
    pub(super) fn write(&mut self, tokens: &[u32], sequence: &Sequence) {
        if self.index().iter().any(|kept| kept.tokens == tokens) {
            return;
        }
        let base = self
            .files
            .iter()
            .filter(|kept| kept.shared == 0)
            .map(|kept| (kept, common(&kept.tokens, tokens) / 16 * 16))
            .max_by_key(|(_, shared)| *shared)
            .filter(|(_, shared)| *shared >= LEAST_SHARED);
        let (base, shared) = base.map_or(([0; 16], 0), |(kept, shared)| (kept.own, shared));
        let mut bytes =
            Vec::with_capacity(HEAD + tokens.len() * 4 + (tokens.len() - shared) * self.shape.token_bytes());
        bytes.extend(MAGIC);
        bytes.extend(self.weights);
        bytes.extend(base);
        bytes.extend((shared as u32).to_le_bytes());
        bytes.extend((tokens.len() as u32).to_le_bytes());
        for token in tokens {
            bytes.extend(token.to_le_bytes());
        }
        sequence.append_bytes(shared, tokens.len(), &mut bytes);
        let checksum = Sha256::digest(&bytes);
        bytes.extend(checksum);
        if bytes.len() as u64 > self.store.max_bytes {
            return;
        }
        let mut name = Sha256::new_with_prefix(self.weights);
        name.update(digest(tokens));
        let path = self.store.folder.join(hex::encode(&name.finalize()[..16])).with_extension(EXTENSION);
        if let Err(error) = write_file(&self.store.folder, &path, &bytes) {
            tracing::warn!(%error, "the prompt cache could not be written");
            return;
        }
        let own = digest(tokens);
        self.files.push(Kept { tokens: tokens.to_vec(), own, base, shared, path, bytes: bytes.len() as u64 });
        self.shrink();
    }

    /// Removes all files, of other models too, but those of these beginnings.
    pub(super) fn keep_only(&mut self, wanted: &[Vec<u32>]) {
        self.read_at = None;
        let kept: Vec<PathBuf> = self
            .index()
            .iter()
            .filter(|kept| wanted.contains(&kept.tokens))
            .map(|kept| kept.path.clone())
            .collect();
        let Ok(all) = fs::read_dir(&self.store.folder) else { return };
        for path in all.flatten().map(|file| file.path()) {
            if is_ours(&path) && !kept.contains(&path) {
                self.remove(&path);
            }
        }
    }

    /// Removes the oldest files that no other builds upon until the bound is met.
    fn shrink(&mut self) {
        while self.files.iter().map(|kept| kept.bytes).sum::<u64>() > self.store.max_bytes {
            let is_base =
                |kept: &Kept| self.files.iter().any(|other| other.shared > 0 && other.base == kept.own);
            let Some(oldest) = self.files.iter().find(|kept| !is_base(kept)) else { return };
            let path = oldest.path.clone();
            self.remove(&path);
        }
    }

    fn remove(&mut self, path: &Path) {
        let _ = fs::remove_file(path);
        self.files.retain(|kept| kept.path != *path);
    }

    fn scan(&self) -> Vec<Kept> {
        let Ok(files) = fs::read_dir(&self.store.folder) else { return Vec::new() };
        let mut found = Vec::new();
        for path in files.flatten().map(|file| file.path()).filter(|path| is_ours(path)) {
            let Ok(metadata) = path.metadata() else { continue };
            if let Ok((tokens, base, shared)) = self.read_head(&path) {
                found.push((
                    metadata.modified().ok(),
                    Kept { own: digest(&tokens), tokens, base, shared, path, bytes: metadata.len() },
                ));
            }
        }
        found.sort_by_key(|(modified, _)| *modified);
        found.into_iter().map(|(_, kept)| kept).collect()
    }

    fn read_head(&self, path: &Path) -> io::Result<(Vec<u32>, [u8; 16], usize)> {
        let mut file = File::open(path)?;
        let mut head = [0; HEAD];
        file.read_exact(&mut head)?;
        let number =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]) as usize;
        let (shared, count) = (number(56), number(60));
        if head[..8] != MAGIC[..] || head[8..40] != self.weights || count > MOST_TOKENS || shared > count {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut base = [0; 16];
        base.copy_from_slice(&head[40..56]);
        let mut tokens = vec![0; count * 4];
        file.read_exact(&mut tokens)?;
        let tokens = tokens
            .chunks_exact(4)
            .map(|token| u32::from_le_bytes([token[0], token[1], token[2], token[3]]))
            .collect();
        Ok((tokens, base, shared))
    }

    /// A file's state; `None` if it is damaged or what it builds upon is gone.
    fn read(&self, kept: &Kept) -> Option<Sequence> {
        let bytes = fs::read(&kept.path).ok()?;
        let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        if Sha256::digest(body)[..] != *checksum {
            return None;
        }
        let len = kept.tokens.len();
        let mut state = if kept.shared == 0 {
            Sequence::new(self.shape, len)
        } else {
            let is_base = |other: &&Kept| other.shared == 0 && other.own == kept.base;
            let base = self.files.iter().find(is_base)?;
            self.read(base)?.fork(kept.shared, len)
        };
        state.restore(kept.shared, len, body.get(HEAD + len * 4..)?).then_some(state)
    }
}

fn is_ours(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == EXTENSION)
}

fn digest(tokens: &[u32]) -> [u8; 16] {
    let mut hash = Sha256::new();
    for token in tokens {
        hash.update(token.to_le_bytes());
    }
    let mut short = [0; 16];
    short.copy_from_slice(&hash.finalize()[..16]);
    short
}

/// Written whole under another name first: a crash leaves no half file. Prompts are private, so is the file.
fn write_file(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let partial = path.with_extension("part");
    let mut options = File::options();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&partial)?.write_all(bytes)?;
    fs::rename(&partial, path)
}
