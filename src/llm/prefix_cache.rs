//! Remembered beginnings: the keys and values of prompts that start alike (instructions, a customer's thread), kept in
//! memory within a bound and, if wanted, on disk across restarts. Exact: an entry serves only the tokens it was
//! computed for, by the same model. It knows tokens as numbers only.

pub use super::kept_states::DiskStore;
use super::{
    kept_states::KeptStates,
    kv_cache::{CacheShape, Sequence},
};

/// Shorter common beginnings are computed anew: copying would hardly be faster.
const SHORTEST: usize = 16;
/// How many tokens more an entry on disk must save to be read.
const WORTH_READING: usize = 64;
/// Longer states are not kept on disk.
const MOST_KEPT_BYTES: usize = 256 << 20;

struct Entry {
    tokens: Vec<u32>,
    state: Sequence,
    last_use: u64,
}

/// Remembered beginnings of one model's prompts.
pub struct PrefixCache {
    shape: CacheShape,
    max_bytes: usize,
    entries: Vec<Entry>,
    uses: u64,
    disk: Option<KeptStates>,
}

impl PrefixCache {
    /// A cache of at most `max_bytes` in memory. `model` identifies the weights (such as the file's hash): entries of
    /// another model on disk are not touched.
    pub fn new(model: &str, shape: CacheShape, max_bytes: usize, disk: Option<DiskStore>) -> Self {
        let disk = disk.map(|disk| KeptStates::open(disk, model, shape));
        Self { shape, max_bytes, entries: Vec::new(), uses: 0, disk }
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
        if let Some(disk) = &mut self.disk
            && let Some((tokens, state)) = disk.recall(wanted, remembered + WORTH_READING)
        {
            self.insert(&tokens, &state, false);
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
        if keep
            && bytes < MOST_KEPT_BYTES
            && let Some(disk) = &mut self.disk
        {
            disk.write(tokens, sequence);
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

    /// Whether these very tokens are kept on disk; true if nothing is kept at all.
    pub fn keeps(&mut self, tokens: &[u32]) -> bool {
        let fits = tokens.len() >= SHORTEST && tokens.len() * self.shape.token_bytes() < MOST_KEPT_BYTES;
        match &mut self.disk {
            Some(disk) if fits => disk.index().iter().any(|kept| kept.tokens == tokens),
            _ => true,
        }
    }

    /// Forgets everything on disk but these beginnings.
    pub fn keep_only(&mut self, wanted: &[Vec<u32>]) {
        if let Some(disk) = &mut self.disk {
            disk.keep_only(wanted);
        }
    }
}

/// Tokens both begin with.
pub(super) fn common(a: &[u32], b: &[u32]) -> usize {
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
    use std::{fs, path::Path};

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
    fn passages_share_the_instructions_on_disk_and_vanished_ones_are_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let model = model(folder.path());
        let mut work = Workspace::new();
        let disk = DiskStore { folder: folder.path().join("cache"), max_bytes: 1 << 24 };
        let open = || PrefixCache::new("m", model.cache_shape(), 1 << 24, Some(disk.clone()));
        let instructions = tokens(70, 3);
        let passage = |seed: u32| [instructions.clone(), tokens(50, seed)].concat();
        let mut cache = open();
        let mut sizes = Vec::new();
        for prompt in [instructions.clone(), passage(7), passage(11)] {
            assert!(!cache.keeps(&prompt));
            let mut sequence = cache.start(&prompt, 256);
            let read = sequence.len();
            model.forward(&mut work, &mut sequence, &prompt[read..], 0);
            cache.insert(&prompt, &sequence, true);
            assert!(cache.keeps(&prompt), "another process or this one finds it");
            sizes.push(
                fs::read_dir(&disk.folder)
                    .unwrap()
                    .map(|f| f.unwrap().metadata().unwrap().len())
                    .sum::<u64>(),
            );
        }
        let token = model.cache_shape().token_bytes() as u64;
        assert!(sizes[2] < (64 + 3 * 64 + 20) * token, "the instructions are stored once: {sizes:?}");
        let mut longer = passage(11);
        longer.extend([9, 8]);
        let mut whole = model.new_sequence(256);
        let expected = model.forward(&mut work, &mut whole, &longer, 1).to_vec();
        let mut recalled = open().start(&longer, 256);
        assert_eq!(recalled.len(), 120);
        assert_eq!(model.forward(&mut work, &mut recalled, &longer[120..], 1), expected);
        open().keep_only(&[instructions.clone(), passage(7)]);
        assert_eq!(open().start(&longer, 256).len(), 70, "only the instructions are left of it");
        assert!(open().keeps(&passage(7)));
        open().keep_only(&[]);
        assert_eq!(fs::read_dir(&disk.folder).unwrap().count(), 0);
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
