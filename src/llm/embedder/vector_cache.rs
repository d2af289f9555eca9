//! Remembers vectors of texts seen lately, bounded: when the young half is full it becomes the old half, and the former
//! old half is forgotten. Keyed by the text's SHA-256, so no text is kept.

use sha2::{Digest, Sha256};
use std::{collections::HashMap, sync::Arc};

/// A text's fingerprint.
pub(super) type TextKey = [u8; 32];

pub(super) fn key_of(text: &str) -> TextKey {
    Sha256::digest(text.as_bytes()).into()
}

/// The cache.
#[derive(Debug)]
pub(super) struct VectorCache {
    half: usize,
    young: HashMap<TextKey, Arc<[f32]>>,
    old: HashMap<TextKey, Arc<[f32]>>,
}

impl VectorCache {
    /// Keeps between half of `entries` and `entries` vectors; 0 keeps none.
    pub fn new(entries: usize) -> Self {
        Self { half: entries.div_ceil(2), young: HashMap::new(), old: HashMap::new() }
    }

    pub fn get(&mut self, key: &TextKey) -> Option<Arc<[f32]>> {
        if let Some(found) = self.young.get(key) {
            return Some(Arc::clone(found));
        }
        let found = self.old.remove(key)?;
        self.insert(*key, Arc::clone(&found));
        Some(found)
    }

    pub fn insert(&mut self, key: TextKey, vector: Arc<[f32]>) {
        if self.half == 0 {
            return;
        }
        if self.young.len() >= self.half {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, vector);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_is_forgotten() {
        let mut cache = VectorCache::new(4);
        let vector: Arc<[f32]> = Arc::from([1.0f32].as_slice());
        let keys: Vec<TextKey> = (0..50u8).map(|index| key_of(&index.to_string())).collect();
        cache.insert(keys[0], Arc::clone(&vector));
        for key in &keys[1..] {
            assert!(cache.get(&keys[0]).is_some(), "a vector in use was forgotten");
            cache.insert(*key, Arc::clone(&vector));
            assert!(cache.young.len() + cache.old.len() <= 4, "the cache grew beyond its bound");
        }
        assert!(cache.get(&keys[1]).is_none());
        let mut none = VectorCache::new(0);
        none.insert(keys[0], vector);
        assert!(none.get(&keys[0]).is_none());
    }
}
