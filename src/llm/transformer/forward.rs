//! The pass over a model's layers, for one sequence's next tokens or for several sequences at once.

use super::model::{Layer, Model};
use crate::llm::{
    kernels::{Activations, AttentionScratch, Matrix, RopeAngles, Segment},
    kv_cache::Sequence,
};

/// Rows that go through the layers together: more would not fit the processor's second-level cache.
const CHUNK_ROWS: usize = 512;

/// Preallocated memory of a pass; grows to the largest pass it has seen.
#[derive(Default)]
pub struct Workspace {
    /// `[row][width]`: the tokens' states.
    states: Vec<f32>,
    /// `[row][queries, keys, values]`.
    fused: Vec<f32>,
    /// `[row][query heads * head width]`.
    attended: Vec<f32>,
    /// `[row][gate, up]`.
    gate_up: Vec<f32>,
    narrow: Activations,
    wide: Activations,
    angles: RopeAngles,
    /// The same for local layers.
    local_angles: RopeAngles,
    /// `[row][width]`: what half a layer adds, where it has a norm of its own.
    added: Vec<f32>,
    scratch: AttentionScratch,
    /// States whose logits are wanted.
    wanted: Vec<f32>,
    logits: Vec<f32>,
}

impl Workspace {
    /// Empty memory; the first pass fills it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The logits of the last pass.
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }
}

/// A sequence and the tokens a pass appends to it.
pub struct BatchItem<'a> {
    pub sequence: &'a mut Sequence,
    pub tokens: &'a [u32],
    /// Of how many of the last tokens the logits are wanted.
    pub wanted: usize,
}

fn reserve(values: &mut Vec<f32>, len: usize) {
    if values.len() < len {
        values.resize(len, 0.0);
    }
}

/// Matrices side by side, with their first columns.
fn side_by_side(matrices: &[Matrix]) -> Vec<(&Matrix, usize)> {
    let mut column = 0;
    matrices
        .iter()
        .map(|matrix| {
            let first = column;
            column += matrix.columns();
            (matrix, first)
        })
        .collect()
}

impl Model {
    /// Appends tokens to the sequence; returns the logits of the last `wanted` of them, `wanted * vocabulary` values.
    ///
    /// # Panics
    /// If the sequence has no room for the tokens, `wanted` exceeds them, or a token is not in the vocabulary.
    pub fn forward<'w>(
        &self,
        work: &'w mut Workspace,
        sequence: &mut Sequence,
        tokens: &[u32],
        wanted: usize,
    ) -> &'w [f32] {
        self.forward_batch(work, &mut [BatchItem { sequence, tokens, wanted }])
    }

    /// Appends tokens to several sequences in one pass over the weights; returns the wanted logits, item after item.
    ///
    /// # Panics
    /// As [`Self::forward`].
    pub fn forward_batch<'w>(&self, work: &'w mut Workspace, items: &mut [BatchItem<'_>]) -> &'w [f32] {
        for item in &*items {
            let fits = item.sequence.len() + item.tokens.len() <= item.sequence.capacity();
            assert!(fits, "the sequence has no room for the tokens");
            assert!(item.wanted <= item.tokens.len(), "logits of more tokens than there are");
            assert!(item.sequence.shape() == self.cache_shape(), "the sequence belongs to another model");
        }
        let total: usize = items.iter().map(|item| item.wanted).sum();
        work.wanted.resize(total * self.config.width, 0.0);
        let mut done = vec![0; items.len()];
        loop {
            let mut room = CHUNK_ROWS;
            let taken: Vec<usize> = items
                .iter()
                .zip(&done)
                .map(|(item, done)| {
                    let taken = (item.tokens.len() - done).min(room);
                    room -= taken;
                    taken
                })
                .collect();
            if taken.iter().all(|taken| *taken == 0) {
                break;
            }
            self.chunk(work, items, &done, &taken);
            done.iter_mut().zip(&taken).for_each(|(done, taken)| *done += taken);
        }
        self.logits(work, total)
    }

    /// Runs `taken[i]` tokens of each item from its `done[i]`th on through all layers.
    fn chunk(&self, work: &mut Workspace, items: &mut [BatchItem<'_>], done: &[usize], taken: &[usize]) {
        let rows: usize = taken.iter().sum();
        let (width, shape) = (self.config.width, self.head_shape(0));
        reserve(&mut work.states, rows * width);
        reserve(&mut work.fused, rows * shape.row_width());
        reserve(&mut work.attended, rows * shape.query_heads * shape.width);
        reserve(&mut work.gate_up, rows * 2 * self.config.feed_forward);
        reserve(&mut work.added, rows * width);
        let mut row = 0;
        for ((item, done), taken) in items.iter().zip(done).zip(taken) {
            for token in &item.tokens[*done..done + taken] {
                let state = &mut work.states[row * width..][..width];
                self.embedding.output(*token as usize, state);
                if self.config.embedding_scale.to_bits() != 1.0_f32.to_bits() {
                    for value in state {
                        *value *= self.config.embedding_scale;
                    }
                }
                row += 1;
            }
        }
        let positions = items.iter().zip(taken).flat_map(|(item, taken)| {
            let start = item.sequence.len();
            start..start + taken
        });
        if let Some(local) = &self.config.local {
            work.local_angles.fill(positions.clone(), &local.rope.frequencies, local.rope.magnitude);
        }
        work.angles.fill(positions, &self.config.rope.frequencies, self.config.rope.magnitude);
        for (index, layer) in self.layers.iter().enumerate() {
            let mut first_row = 0;
            let mut segments = Vec::with_capacity(items.len());
            for (item, taken) in items.iter_mut().zip(taken) {
                let (start, capacity) = (item.sequence.len(), item.sequence.capacity());
                let (keys, values) = item.sequence.layer(index);
                if *taken > 0 {
                    segments.push(Segment { keys, values, capacity, start, first_row, rows: *taken });
                }
                first_row += taken;
            }
            self.layer(work, layer, index, rows, &mut segments);
        }
        self.collect(work, items, done, taken);
        for (item, taken) in items.iter_mut().zip(taken) {
            item.sequence.extend(*taken);
        }
    }

    fn layer(
        &self,
        work: &mut Workspace,
        layer: &Layer,
        index: usize,
        rows: usize,
        segments: &mut [Segment<'_>],
    ) {
        let (backend, epsilon) = (&self.backend, self.config.epsilon);
        let shape = self.head_shape(index);
        backend.norm_quantize(&work.states, rows, &layer.attention_norm, epsilon, &mut work.narrow);
        let fused = side_by_side(&layer.fused);
        backend.multiply(&work.narrow, &fused, &mut work.fused, shape.row_width(), false);
        let angles = if self.config.is_local(index) { &work.local_angles } else { &work.angles };
        let norms = layer.head_norms.as_ref().map(|(queries, keys)| (&queries[..], &keys[..], epsilon));
        backend.store_keys(&shape, &mut work.fused, rows, layer.biases.as_deref(), norms, angles, segments);
        backend.attend(&shape, &work.fused, rows, segments, &mut work.scratch, &mut work.attended);
        backend.quantize(&work.attended, rows, shape.query_heads * shape.width, &mut work.narrow);
        let added = (&mut work.states, &mut work.added);
        self.add(&work.narrow, &layer.attention_output, layer.post_attention_norm.as_deref(), rows, added);
        backend.norm_quantize(&work.states, rows, &layer.feed_forward_norm, epsilon, &mut work.narrow);
        let feed_forward = self.config.feed_forward;
        let gate_up = side_by_side(&layer.gate_up);
        backend.multiply(&work.narrow, &gate_up, &mut work.gate_up, 2 * feed_forward, false);
        backend.gate_quantize(&work.gate_up, rows, feed_forward, self.config.gate, &mut work.wide);
        let added = (&mut work.states, &mut work.added);
        self.add(&work.wide, &layer.down, layer.post_feed_forward_norm.as_deref(), rows, added);
    }

    /// Adds a product to the states, after a norm if there is one.
    fn add(
        &self,
        activations: &Activations,
        matrix: &Matrix,
        norm: Option<&[f32]>,
        rows: usize,
        (states, added): (&mut Vec<f32>, &mut Vec<f32>),
    ) {
        let width = self.config.width;
        match norm {
            None => self.backend.multiply(activations, &[(matrix, 0)], states, width, true),
            Some(norm) => {
                self.backend.multiply(activations, &[(matrix, 0)], added, width, false);
                self.backend.norm_add(added, rows, norm, self.config.epsilon, states);
            }
        }
    }

    /// Keeps the chunk's states whose logits are wanted.
    fn collect(&self, work: &mut Workspace, items: &[BatchItem<'_>], done: &[usize], taken: &[usize]) {
        let width = self.config.width;
        let (mut row, mut slot) = (0, 0);
        for ((item, done), taken) in items.iter().zip(done).zip(taken) {
            let first = item.tokens.len() - item.wanted;
            for token in *done..done + taken {
                if token >= first {
                    let to = (slot + token - first) * width;
                    work.wanted[to..to + width].copy_from_slice(&work.states[row * width..][..width]);
                }
                row += 1;
            }
            slot += item.wanted;
        }
    }

    fn logits<'w>(&self, work: &'w mut Workspace, rows: usize) -> &'w [f32] {
        work.logits.resize(rows * self.config.vocabulary, 0.0);
        if rows > 0 {
            let epsilon = self.config.epsilon;
            self.backend.norm_quantize(&work.wanted, rows, &self.output_norm, epsilon, &mut work.narrow);
            let output = [(&self.output, 0)];
            let stride = self.config.vocabulary;
            self.backend.multiply(&work.narrow, &output, &mut work.logits, stride, false);
        }
        &work.logits
    }
}
