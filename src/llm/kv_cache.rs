//! A sequence's cached keys and values: what a model remembers of the tokens it has read. Half-precision, laid out as
//! the attention kernels read it (`kernels::Segment`), allocated once. It knows no tokens and no model.

use super::kernels::POSITION_STEP;

/// Sizes that a cache depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheShape {
    pub layers: usize,
    pub key_heads: usize,
    /// Dimensions of a head.
    pub width: usize,
}

impl CacheShape {
    /// Bytes of one token's keys and values.
    pub fn token_bytes(&self) -> usize {
        self.layers * self.key_heads * self.width * 2 * size_of::<u16>()
    }
}

/// The state of one sequence.
#[derive(Debug)]
pub struct Sequence {
    shape: CacheShape,
    len: usize,
    capacity: usize,
    /// `[layer][key head][position / 16][dimension][position % 16]`.
    keys: Vec<u16>,
    /// `[layer][key head][position][dimension]`.
    values: Vec<u16>,
}

impl Sequence {
    pub(crate) fn new(shape: CacheShape, capacity_tokens: usize) -> Self {
        let capacity = capacity_tokens.max(1).next_multiple_of(POSITION_STEP);
        let len = shape.layers * shape.key_heads * shape.width * capacity;
        // Zeroed pages come from the system when they are first written: unused capacity costs nothing.
        Self { shape, len: 0, capacity, keys: vec![0; len], values: vec![0; len] }
    }

    /// Tokens that are cached.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is cached.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Tokens there is room for.
    pub fn capacity(&self) -> usize {
        self.capacity
    }

    /// Sizes of the cache.
    pub fn shape(&self) -> CacheShape {
        self.shape
    }

    /// Forgets all tokens from the `len`th on; does nothing if there are not so many.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    pub(crate) fn extend(&mut self, tokens: usize) {
        assert!(self.len + tokens <= self.capacity, "the sequence is full");
        self.len += tokens;
    }

    /// One layer's keys and values.
    pub(crate) fn layer(&mut self, layer: usize) -> (&mut [u16], &mut [u16]) {
        let len = self.shape.key_heads * self.shape.width * self.capacity;
        (&mut self.keys[layer * len..(layer + 1) * len], &mut self.values[layer * len..(layer + 1) * len])
    }

    /// A sequence of the first `len` tokens with room for `capacity_tokens` (at least `len`).
    #[must_use]
    pub fn fork(&self, len: usize, capacity_tokens: usize) -> Self {
        let len = len.min(self.len);
        let mut copy = Self::new(self.shape, capacity_tokens.max(len));
        let width = self.shape.width;
        let (keys, values) = (len.next_multiple_of(16) * width, len * width);
        for head in 0..self.shape.layers * self.shape.key_heads {
            let (from, to) = (head * self.capacity * width, head * copy.capacity * width);
            copy.keys[to..to + keys].copy_from_slice(&self.keys[from..from + keys]);
            copy.values[to..to + values].copy_from_slice(&self.values[from..from + values]);
        }
        copy.len = len;
        copy
    }

    /// Appends the keys and values of tokens `from..to` to the bytes; `from` is a multiple of 16.
    pub fn append_bytes(&self, from: usize, to: usize, bytes: &mut Vec<u8>) {
        assert!(from.is_multiple_of(16) && from <= to && to <= self.len, "a stretch of the sequence");
        let width = self.shape.width;
        for head in 0..self.shape.layers * self.shape.key_heads {
            let at = head * self.capacity * width;
            let keys = &self.keys[at + from * width..at + to.next_multiple_of(16) * width];
            let values = &self.values[at + from * width..at + to * width];
            for half in keys.iter().chain(values) {
                bytes.extend(half.to_le_bytes());
            }
        }
    }

    /// Takes over keys and values of tokens `from..to` as [`Self::append_bytes`] wrote them, so that the sequence holds
    /// `to` tokens; false, and nothing changed, if the bytes or the sequence do not fit.
    #[must_use]
    pub fn restore(&mut self, from: usize, to: usize, bytes: &[u8]) -> bool {
        let width = self.shape.width;
        if !from.is_multiple_of(16) || from > to || from > self.len || to > self.capacity {
            return false;
        }
        let (keys, values) = ((to.next_multiple_of(16) - from) * width, (to - from) * width);
        let heads = self.shape.layers * self.shape.key_heads;
        if bytes.len() != heads * (keys + values) * 2 {
            return false;
        }
        let mut rest = bytes;
        for head in 0..heads {
            let at = (head * self.capacity + from) * width;
            for (to, count) in [(&mut self.keys[at..], keys), (&mut self.values[at..], values)] {
                let (part, left) = rest.split_at(count * 2);
                rest = left;
                for (half, bytes) in to.iter_mut().zip(part.chunks_exact(2)) {
                    *half = u16::from_le_bytes([bytes[0], bytes[1]]);
                }
            }
        }
        self.len = to;
        true
    }
}
