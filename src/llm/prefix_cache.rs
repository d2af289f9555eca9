//! Remembered beginnings: the keys and values of prompts that start alike (instructions, a customer's thread), kept in
//! memory within a bound and, if wanted, on disk across restarts. Exact: an entry serves only the tokens it was
//! computed for, by the same model. It knows tokens as numbers only.

use super::kv_cache::{CacheShape, Sequence};
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Shorter common beginnings are computed anew: copying would hardly be faster.
const SHORTEST: usize = 16;
/// How many tokens more an entry on disk must save to be read.
const WORTH_READING: usize = 64;
const MAGIC: &[u8; 8] = b"FDKV0001";
const EXTENSION: &str = "kv";

/// Where entries are kept across restarts.
#[derive(Debug, Clone)]
pub struct DiskStore {
    pub folder: PathBuf,
    /// The oldest files go when all together are larger.
    pub max_bytes: u64,
}

struct Entry {
    tokens: Vec<u32>,
    state: Sequence,
    last_use: u64,
}

struct OnDisk {
    tokens: Vec<u32>,
    path: PathBuf,
    bytes: u64,
}

/// Remembered beginnings of one model's prompts.
pub struct PrefixCache {
    model_hash: [u8; 32],
    shape: CacheShape,
    max_bytes: usize,
    entries: Vec<Entry>,
    uses: u64,
    disk: Option<DiskStore>,
    /// Oldest first.
    on_disk: Vec<OnDisk>,
}

impl PrefixCache {
    /// A cache of at most `max_bytes` in memory. `model` identifies the weights (such as the file's hash): entries of
    /// another model on disk are not touched.
    pub fn new(model: &str, shape: CacheShape, max_bytes: usize, disk: Option<DiskStore>) -> Self {
        let model_hash = Sha256::digest(model.as_bytes()).into();
        let mut cache =
            Self { model_hash, shape, max_bytes, entries: Vec::new(), uses: 0, disk, on_disk: Vec::new() };
        cache.scan();
        cache
    }

    /// Bytes of the entries in memory.
    pub fn bytes(&self) -> usize {
        self.entries.iter().map(|entry| entry.tokens.len() * self.shape.token_bytes()).sum()
    }

    /// A sequence that holds the longest remembered beginning of `tokens`, with room for `capacity_tokens`; empty if
    /// nothing is remembered. The last token is never taken from the cache: its logits are wanted.
    pub fn start(&mut self, tokens: &[u32], capacity_tokens: usize) -> Sequence {
        let wanted = &tokens[..tokens.len().saturating_sub(1)];
        let remembered = self.best(wanted).map_or(0, |(_, len)| len);
        let stored = self
            .on_disk
            .iter()
            .enumerate()
            .map(|(index, stored)| (index, common(&stored.tokens, wanted)))
            .max_by_key(|(_, len)| *len);
        if let Some((index, len)) = stored
            && len >= remembered + WORTH_READING
        {
            self.recall(index);
        }
        let best = self.best(wanted).filter(|(_, len)| *len >= SHORTEST);
        let Some((index, len)) = best else { return Sequence::new(self.shape, capacity_tokens) };
        self.uses += 1;
        self.entries[index].last_use = self.uses;
        self.entries[index].state.fork(len, capacity_tokens)
    }

    /// Remembers the state of `tokens`, which `sequence` must hold at its beginning; with `keep` also on disk.
    pub fn insert(&mut self, tokens: &[u32], sequence: &Sequence, keep: bool) {
        let bytes = tokens.len() * self.shape.token_bytes();
        let fits =
            tokens.len() >= SHORTEST && sequence.len() >= tokens.len() && sequence.shape() == self.shape;
        if !fits {
            return;
        }
        if keep && !self.on_disk.iter().any(|stored| stored.tokens.starts_with(tokens)) {
            self.write(tokens, sequence);
        }
        self.uses += 1;
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.tokens.starts_with(tokens)) {
            entry.last_use = self.uses;
            return;
        }
        if bytes > self.max_bytes {
            return;
        }
        self.entries.retain(|entry| !tokens.starts_with(&entry.tokens));
        while self.bytes() + bytes > self.max_bytes {
            let oldest = (0..self.entries.len()).min_by_key(|index| self.entries[*index].last_use);
            let Some(oldest) = oldest else { return };
            self.entries.swap_remove(oldest);
        }
        let state = sequence.fork(tokens.len(), tokens.len());
        self.entries.push(Entry { tokens: tokens.to_vec(), state, last_use: self.uses });
    }

    /// The entry with the longest common beginning, and its length.
    fn best(&self, tokens: &[u32]) -> Option<(usize, usize)> {
        let lengths = self.entries.iter().enumerate();
        lengths.map(|(index, entry)| (index, common(&entry.tokens, tokens))).max_by_key(|(_, len)| *len)
    }

    /// Lists what is on disk for this model.
    fn scan(&mut self) {
        let Some(disk) = &self.disk else { return };
        let Ok(files) = fs::read_dir(&disk.folder) else { return };
        let mut found = Vec::new();
        for path in files.flatten().map(|file| file.path()) {
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue;
            }
            let Ok(metadata) = path.metadata() else { continue };
            if let Ok(tokens) = self.read_head(&path) {
                let modified = metadata.modified().ok();
                found.push((modified, OnDisk { tokens, path, bytes: metadata.len() }));
            }
        }
        found.sort_by_key(|(modified, _)| *modified);
        self.on_disk = found.into_iter().map(|(_, stored)| stored).collect();
    }

    fn read_head(&self, path: &Path) -> io::Result<Vec<u32>> {
        let mut file = File::open(path)?;
        let mut head = [0; 44];
        file.read_exact(&mut head)?;
        let count = u32::from_le_bytes([head[40], head[41], head[42], head[43]]) as usize;
        if head[..8] != MAGIC[..] || head[8..40] != self.model_hash || count > 1 << 20 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut tokens = vec![0; count * 4];
        file.read_exact(&mut tokens)?;
        Ok(tokens
            .chunks_exact(4)
            .map(|token| u32::from_le_bytes([token[0], token[1], token[2], token[3]]))
            .collect())
    }

    /// Reads an entry from disk into memory; a damaged file is removed.
    fn recall(&mut self, index: usize) {
        let stored = self.on_disk.remove(index);
        if let Some(state) = self.read(&stored) {
            self.insert(&stored.tokens, &state, false);
            self.on_disk.insert(index, stored);
        } else {
            tracing::warn!("a damaged file of the prompt cache was removed");
            let _ = fs::remove_file(&stored.path);
        }
    }

    fn read(&self, stored: &OnDisk) -> Option<Sequence> {
        let bytes = fs::read(&stored.path).ok()?;
        let (body, checksum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        if Sha256::digest(body)[..] != *checksum {
            return None;
        }
        let state = Sequence::from_bytes(body.get(44 + stored.tokens.len() * 4..)?)?;
        (state.shape() == self.shape && state.len() == stored.tokens.len()).then_some(state)
    }

    /// Best effort: an answer does not fail because a disk is full.
    fn write(&mut self, tokens: &[u32], sequence: &Sequence) {
        let Some(disk) = self.disk.clone() else { return };
        let mut bytes = Vec::with_capacity(44 + tokens.len() * (4 + self.shape.token_bytes()) + 64);
        bytes.extend(MAGIC);
        bytes.extend(self.model_hash);
        bytes.extend((tokens.len() as u32).to_le_bytes());
        for token in tokens {
            bytes.extend(token.to_le_bytes());
        }
        let name = hex::encode(&Sha256::digest(&bytes)[..16]);
        sequence.append_bytes(tokens.len(), &mut bytes);
        let checksum = Sha256::digest(&bytes);
        bytes.extend(checksum);
        if bytes.len() as u64 > disk.max_bytes {
            return;
        }
        let path = disk.folder.join(name).with_extension(EXTENSION);
        if let Err(error) = write_file(&disk.folder, &path, &bytes) {
            tracing::warn!(%error, "the prompt cache could not be written");
            return;
        }
        self.on_disk.retain(|stored| stored.path != path);
        self.on_disk.push(OnDisk { tokens: tokens.to_vec(), path, bytes: bytes.len() as u64 });
        while self.on_disk.iter().map(|stored| stored.bytes).sum::<u64>() > disk.max_bytes {
            let oldest = self.on_disk.remove(0);
            let _ = fs::remove_file(oldest.path);
        }
    }
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

fn common(a: &[u32], b: &[u32]) -> usize {
    a.iter().zip(b).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{
        tiny_models::TinyModel,
        transformer::{LoadOptions, Model, Workspace},
    };
    use candle_core::quantized::GgmlDType;

    fn model(folder: &Path) -> Model {
        let path = folder.join("tiny.gguf");
        TinyModel::new("llama", GgmlDType::Q8_0).write(&path, &[]).unwrap();
        Model::load(&path, &LoadOptions { threads: Some(1), instruction_set: None }).unwrap()
    }

    fn tokens(count: u32, seed: u32) -> Vec<u32> {
        (0..count).map(|index| (index * 31 + seed) % 300).collect()
    }

    #[test]
    fn a_remembered_beginning_gives_the_same_answer() {
        let folder = tempfile::tempdir().unwrap();
        let model = model(folder.path());
        let mut work = Workspace::new();
        let mut cache = PrefixCache::new("m", model.cache_shape(), 1 << 24, None);
        let (mut first, mut second) = (tokens(100, 1), tokens(100, 1));
        first.extend(tokens(20, 5));
        second.extend(tokens(33, 9));
        let mut sequence = cache.start(&first, 200);
        assert!(sequence.is_empty(), "nothing is remembered yet");
        model.forward(&mut work, &mut sequence, &first, 1);
        cache.insert(&first, &sequence, false);
        let mut plain = model.new_sequence(200);
        let expected = model.forward(&mut work, &mut plain, &second, 1).to_vec();
        let mut resumed = cache.start(&second, 200);
        assert_eq!(resumed.len(), 100, "the common beginning, and nothing more");
        assert_eq!(model.forward(&mut work, &mut resumed, &second[100..], 1), expected);
        assert_eq!(cache.start(&first, 200).len(), first.len() - 1, "the last token's logits are wanted");
    }

    #[test]
    fn memory_stays_within_its_bound_and_the_oldest_go() {
        let shape = CacheShape { layers: 2, key_heads: 1, width: 32 };
        let mut cache = PrefixCache::new("m", shape, 250 * shape.token_bytes(), None);
        let sequence = |len: usize| {
            let mut sequence = Sequence::new(shape, len);
            sequence.extend(len);
            sequence
        };
        for seed in 0..5 {
            cache.insert(&tokens(100, seed), &sequence(100), false);
            assert!(cache.bytes() <= 250 * shape.token_bytes());
            assert_eq!(cache.start(&tokens(100, 0), 128).len(), 99, "used, so kept");
        }
        assert!(cache.start(&tokens(100, 1), 128).is_empty(), "not used, so gone");
        cache.insert(&tokens(300, 7), &sequence(300), false);
        assert!(cache.start(&tokens(300, 7), 512).is_empty(), "larger than the whole bound");
    }

    #[test]
    fn entries_on_disk_outlive_the_process_and_damage_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let model = model(folder.path());
        let mut work = Workspace::new();
        let disk = DiskStore { folder: folder.path().join("cache"), max_bytes: 1 << 24 };
        let prompt = tokens(150, 3);
        let mut sequence = model.new_sequence(256);
        model.forward(&mut work, &mut sequence, &prompt, 0);
        let open = |name: &str| PrefixCache::new(name, model.cache_shape(), 1 << 24, Some(disk.clone()));
        open("m").insert(&prompt, &sequence, true);
        let mut longer = prompt.clone();
        longer.push(8);
        let mut recalled = open("m").start(&longer, 256);
        assert_eq!(recalled.len(), 150);
        let expected = model.forward(&mut work, &mut sequence, &[8], 1).to_vec();
        assert_eq!(model.forward(&mut work, &mut recalled, &[8], 1), expected);
        assert!(open("another model").start(&longer, 256).is_empty(), "other weights, other state");
        let file = fs::read_dir(&disk.folder).unwrap().next().unwrap().unwrap().path();
        let mut bytes = fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&file, bytes).unwrap();
        assert!(open("m").start(&longer, 256).is_empty(), "a flipped bit must not reach an answer");
        assert!(!file.exists());
    }

    #[test]
    fn the_disk_stays_within_its_bound() {
        let folder = tempfile::tempdir().unwrap();
        let shape = CacheShape { layers: 1, key_heads: 1, width: 32 };
        let mut sequence = Sequence::new(shape, 64);
        sequence.extend(64);
        let disk = DiskStore { folder: folder.path().to_owned(), max_bytes: 30_000 };
        let mut cache = PrefixCache::new("m", shape, 1 << 20, Some(disk));
        for seed in 0..6 {
            cache.insert(&tokens(64, seed), &sequence, true);
        }
        let total: u64 =
            fs::read_dir(folder.path()).unwrap().map(|f| f.unwrap().metadata().unwrap().len()).sum();
        assert!(total <= 30_000 && total > 8_000, "{total} bytes on disk");
    }
}
