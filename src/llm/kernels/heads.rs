//! Attention heads: norms and rotary positions of queries and keys, the cache's layout, and attention over it.

use super::{
    attention::{Head, MOST_ROWS, POSITION_STEP, QueryRow, SPAN, Scores, SpanState},
    backend::{Backend, Shared},
};
use half::f16;

/// Which dimensions of a head a rotation pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RopePairs {
    /// `2i` with `2i + 1`.
    Neighbours,
    /// `i` with `i + half`.
    Halves,
}

/// Sines and cosines of each row's position.
#[derive(Debug, Default)]
pub struct RopeAngles {
    /// `[row][pair]`.
    cosines: Vec<f32>,
    sines: Vec<f32>,
    pairs: usize,
}

impl RopeAngles {
    /// Computes the angles of the given positions; pair `i` turns by `frequencies[i]` a position, and both sine and
    /// cosine are multiplied by `magnitude`.
    pub fn fill(&mut self, positions: impl Iterator<Item = usize>, frequencies: &[f64], magnitude: f32) {
        self.cosines.clear();
        self.sines.clear();
        self.pairs = frequencies.len();
        for position in positions {
            for frequency in frequencies {
                let (sine, cosine) = (position as f64 * frequency).sin_cos();
                self.cosines.push(cosine as f32 * magnitude);
                self.sines.push(sine as f32 * magnitude);
            }
        }
    }
}

/// Heads of a layer. A row of the fused buffer holds queries, keys and values in this order.
#[derive(Debug, Clone, Copy)]
pub struct HeadShape {
    pub query_heads: usize,
    pub key_heads: usize,
    /// Dimensions of a head: a multiple of 16.
    pub width: usize,
    pub rope: RopePairs,
    /// What scores are multiplied by.
    pub scale: f32,
    /// A position sees this many positions, itself included; `None` for all.
    pub window: Option<usize>,
}

impl HeadShape {
    /// Values of a fused row.
    pub fn row_width(&self) -> usize {
        (self.query_heads + 2 * self.key_heads) * self.width
    }

    /// Half-precision values of one layer's keys (and as many of its values) for `capacity` positions.
    pub fn cache_len(&self, capacity: usize) -> usize {
        self.key_heads * self.width * capacity
    }
}

/// Rows of a pass that belong to one sequence, with one layer of its cache.
pub struct Segment<'a> {
    /// `[key head][position / 16][dimension][position % 16]`.
    pub keys: &'a mut [u16],
    /// `[key head][position][dimension]`.
    pub values: &'a mut [u16],
    /// Positions there is room for: a multiple of 64.
    pub capacity: usize,
    /// Positions cached before this pass: the first row's position.
    pub start: usize,
    /// First row of the pass.
    pub first_row: usize,
    pub rows: usize,
}

impl Segment<'_> {
    fn check(&self, shape: &HeadShape, rows: usize) {
        assert!(self.capacity.is_multiple_of(POSITION_STEP), "capacities come in steps");
        assert!(self.start + self.rows <= self.capacity, "the sequence is full");
        assert!(self.first_row + self.rows <= rows, "the segment leaves the pass");
        let len = shape.cache_len(self.capacity);
        assert!(self.keys.len() >= len && self.values.len() >= len, "the cache is too small");
    }
}

/// Memory for partial results when one head's positions are split over threads.
#[derive(Debug, Default)]
pub struct AttentionScratch {
    tasks: Vec<Task>,
    partial: Vec<f32>,
    /// What each partial row's span came to.
    states: Vec<SpanState>,
}

/// Rows of a segment up to which its positions are split over threads.
const FEW_ROWS: usize = 12;
/// The widest head.
pub const MOST_HEAD_WIDTH: usize = 256;

#[derive(Debug, Clone, Copy)]
struct Task {
    segment: usize,
    key_head: usize,
    /// First row of the (token, head in group) rows, and how many.
    first: usize,
    rows: usize,
    from: usize,
    to: usize,
    /// Slot of the partial result; `None` if the task does all positions.
    slot: Option<usize>,
}

impl Backend {
    /// Adds biases, norms and rotates queries and keys of the fused rows in place, and stores keys and values in the
    /// segments' caches. `norms` are the weights of the queries' and keys' norm, and its epsilon.
    pub fn store_keys(
        &self,
        shape: &HeadShape,
        fused: &mut [f32],
        rows: usize,
        biases: Option<&[f32]>,
        norms: Option<(&[f32], &[f32], f32)>,
        angles: &RopeAngles,
        segments: &mut [Segment<'_>],
    ) {
        let stride = shape.row_width();
        let width = shape.width;
        assert!(fused.len() >= rows * stride && width.is_multiple_of(16), "the rows are too short");
        assert!(
            angles.cosines.len() >= rows * angles.pairs && angles.pairs * 2 <= width,
            "angles for each row"
        );
        if let Some(biases) = biases {
            assert_eq!(biases.len(), stride, "one bias a column");
        }
        if let Some((queries, keys, _)) = norms {
            assert!(
                queries.len() == width && keys.len() == width && width.is_multiple_of(32),
                "norms fit heads"
            );
        }
        let shared = Shared::new(fused);
        for segment in segments {
            segment.check(shape, rows);
            let (keys, values) = (Shared::new(segment.keys), Shared::new(segment.values));
            let (start, first, capacity) = (segment.start, segment.first_row, segment.capacity);
            self.for_rows(segment.rows, &|index| {
                // SAFETY: each row is worked on by one call, and lies within `fused`.
                let row = unsafe {
                    std::slice::from_raw_parts_mut(shared.get().add((first + index) * stride), stride)
                };
                if let Some(biases) = biases {
                    row.iter_mut().zip(biases).for_each(|(value, bias)| *value += bias);
                }
                let (queries, rest) = row.split_at_mut(shape.query_heads * width);
                let (new_keys, new_values) = rest.split_at_mut(shape.key_heads * width);
                if let Some((query_norm, key_norm, epsilon)) = norms {
                    for (heads, norm) in [(&mut *queries, query_norm), (&mut *new_keys, key_norm)] {
                        for head in heads.chunks_exact_mut(width) {
                            // SAFETY: head and norm have `width` values.
                            unsafe {
                                (self.table.norm_row)(head.as_mut_ptr(), norm.as_ptr(), width, epsilon)
                            };
                        }
                    }
                }
                let pairs = (first + index) * angles.pairs..(first + index + 1) * angles.pairs;
                let (cosines, sines) = (&angles.cosines[pairs.clone()], &angles.sines[pairs]);
                for head in queries.chunks_exact_mut(width).chain(new_keys.chunks_exact_mut(width)) {
                    rotate(head, cosines, sines, shape.rope);
                }
                let position = start + index;
                for head in 0..shape.key_heads {
                    let base = head * capacity * width;
                    let from = &new_keys[head * width..][..width];
                    let tile = base + position / 16 * width * 16 + position % 16;
                    for (dimension, value) in from.iter().enumerate() {
                        // SAFETY: the position is below the capacity; each position is written by one call.
                        unsafe { *keys.get().add(tile + dimension * 16) = f16::from_f32(*value).to_bits() };
                    }
                    let from = new_values[head * width..][..width].as_ptr();
                    // SAFETY: as above.
                    unsafe {
                        (self.table.store_half)(values.get().add(base + position * width), from, width);
                    }
                }
            });
        }
    }

    /// Causal attention of all rows over their own segment's cache. `out` has `query_heads * width` values a row.
    pub fn attend(
        &self,
        shape: &HeadShape,
        fused: &[f32],
        rows: usize,
        segments: &[Segment<'_>],
        scratch: &mut AttentionScratch,
        out: &mut [f32],
    ) {
        let (stride, width) = (shape.row_width(), shape.width);
        let group = shape.query_heads / shape.key_heads;
        let out_stride = shape.query_heads * width;
        assert!(fused.len() >= rows * stride && out.len() >= rows * out_stride, "the rows are too short");
        assert!(width <= MOST_HEAD_WIDTH, "the heads are too wide");
        assert!(
            width.is_multiple_of(16) && shape.query_heads == group * shape.key_heads,
            "heads come in groups"
        );
        plan(shape, segments, &mut scratch.tasks);
        let slots = scratch.tasks.iter().filter(|task| task.slot.is_some()).count();
        if scratch.partial.len() < slots * MOST_ROWS * width {
            scratch.partial.resize(slots * MOST_ROWS * width, 0.0);
        }
        if scratch.states.len() < slots * MOST_ROWS {
            scratch.states.resize(slots * MOST_ROWS, SpanState::NOTHING);
        }
        let (tasks, partial) = (&scratch.tasks, Shared::new(&mut scratch.partial));
        let (states, shared_out) = (Shared::new(&mut scratch.states), Shared::new(out));
        for segment in segments {
            segment.check(shape, rows);
        }
        self.pool.run(tasks.len(), &|index| {
            let task = tasks[index];
            let segment = &segments[task.segment];
            let base = task.key_head * segment.capacity * width;
            let head = Head {
                keys: segment.keys[base..].as_ptr(),
                values: segment.values[base..].as_ptr(),
                width,
                scale: shape.scale,
            };
            let mut scores = Scores([0.0; MOST_ROWS * SPAN]);
            let mut query_rows = [None; MOST_ROWS];
            for (row, place) in query_rows.iter_mut().enumerate().take(task.rows) {
                let (token, in_group) = ((task.first + row) / group, (task.first + row) % group);
                let pass_row = segment.first_row + token;
                let query_head = task.key_head * group + in_group;
                let high = segment.start + token + 1;
                // SAFETY: row and head lie within the buffers; each task writes rows or slots of its own.
                let to = unsafe {
                    match task.slot {
                        Some(slot) => partial.get().add((slot * MOST_ROWS + row) * width),
                        None => shared_out.get().add(pass_row * out_stride + query_head * width),
                    }
                };
                *place = Some(QueryRow {
                    query: fused[pass_row * stride + query_head * width..].as_ptr(),
                    out: to,
                    low: shape.window.map_or(0, |window| high.saturating_sub(window)),
                    high,
                    state: SpanState::NOTHING,
                });
            }
            let Some(first) = query_rows[0] else { return };
            let mut query_rows = query_rows.map(|row| row.unwrap_or(first));
            let query_rows = &mut query_rows[..task.rows];
            if let Some(slot) = task.slot {
                // SAFETY: the segment's cache holds `to` positions rounded up to a step, rows are `width` wide, and the
                // slot's states are this task's own.
                unsafe {
                    (self.table.attend)(head, query_rows, task.from, task.to, &mut scores);
                    for (row, done) in query_rows.iter().enumerate() {
                        *states.get().add(slot * MOST_ROWS + row) = done.state;
                    }
                }
            } else {
                // SAFETY: as above, and `out` of each row is this task's own.
                unsafe { self.attend_spans(head, query_rows, task.from, task.to, &mut scores) };
            }
        });
        merge(shape, segments, scratch, out);
    }

    /// All spans of `from..to`, one after another, added up as [`merge`] adds up those of several threads.
    ///
    /// # Safety
    /// The head's cache must hold `to` positions rounded up to a step, and rows must be as wide as the head, which is at
    /// most [`MOST_HEAD_WIDTH`].
    unsafe fn attend_spans(
        &self,
        head: Head,
        rows: &mut [QueryRow],
        from: usize,
        to: usize,
        scores: &mut Scores,
    ) {
        let width = head.width;
        let outs: [*mut f32; MOST_ROWS] =
            std::array::from_fn(|row| rows.get(row).map_or(std::ptr::null_mut(), |row| row.out));
        let mut states = [SpanState::NOTHING; MOST_ROWS];
        let mut spare = [0.0; MOST_ROWS * MOST_HEAD_WIDTH];
        let mut start = from;
        while start < to {
            // Ends at fixed positions: what a row gets must not depend on where the others begin.
            let end = ((start / SPAN + 1) * SPAN).min(to);
            // SAFETY: the caller's.
            unsafe { (self.table.attend)(head, rows, start, end, scores) };
            for (index, row) in rows.iter_mut().enumerate() {
                let next = &mut spare[index * width..][..width];
                if start == from {
                    states[index] = row.state;
                    row.out = next.as_mut_ptr();
                } else {
                    // SAFETY: the caller's `out` of this row.
                    let sums = unsafe { std::slice::from_raw_parts_mut(outs[index], width) };
                    states[index].add(sums, row.state, next);
                }
            }
            start = end;
        }
        for (index, state) in states.iter().enumerate().take(rows.len()) {
            // SAFETY: as above.
            state.normalize(unsafe { std::slice::from_raw_parts_mut(outs[index], width) });
        }
    }
}

/// Cuts the work into tasks, the longest first.
fn plan(shape: &HeadShape, segments: &[Segment<'_>], tasks: &mut Vec<Task>) {
    tasks.clear();
    let group = shape.query_heads / shape.key_heads;
    let mut slots = 0;
    for (index, segment) in segments.iter().enumerate() {
        for first in (0..segment.rows * group).step_by(MOST_ROWS) {
            let rows = (segment.rows * group - first).min(MOST_ROWS);
            let low = segment.start + first / group + 1;
            let from = shape.window.map_or(0, |window| low.saturating_sub(window));
            let from = from / POSITION_STEP * POSITION_STEP;
            let to = segment.start + (first + rows - 1) / group + 1;
            // Few long tasks would leave threads idle: split their positions. The choice depends on the segment
            // alone, and cuts are at fixed positions, so that guessed tokens see the same arithmetic as single ones.
            let split = segment.rows <= FEW_ROWS && to > 2 * SPAN;
            for key_head in 0..shape.key_heads {
                let mut start = from;
                while start < to {
                    let end = if split { ((start / SPAN + 1) * SPAN).min(to) } else { to };
                    let slot = split.then_some(slots);
                    slots += usize::from(split);
                    tasks.push(Task { segment: index, key_head, first, rows, from: start, to: end, slot });
                    start = end;
                }
            }
        }
    }
    if slots == 0 {
        tasks.reverse();
    }
}

/// Adds up the partial results of split tasks; the slots of one set of rows follow each other.
fn merge(shape: &HeadShape, segments: &[Segment<'_>], scratch: &AttentionScratch, out: &mut [f32]) {
    let width = shape.width;
    let group = shape.query_heads / shape.key_heads;
    let mut index = 0;
    while index < scratch.tasks.len() {
        let task = scratch.tasks[index];
        let Some(first_slot) = task.slot else {
            index += 1;
            continue;
        };
        let same = |other: &&Task| {
            (other.segment, other.key_head, other.first) == (task.segment, task.key_head, task.first)
        };
        let parts = scratch.tasks[index..].iter().take_while(same).count();
        index += parts;
        for row in 0..task.rows {
            let (token, in_group) = ((task.first + row) / group, (task.first + row) % group);
            let at = (segments[task.segment].first_row + token) * shape.query_heads * width
                + (task.key_head * group + in_group) * width;
            let out = &mut out[at..at + width];
            let cell = |part: usize| (first_slot + part) * MOST_ROWS + row;
            let mut state = SpanState::NOTHING;
            out.fill(0.0);
            for part in 0..parts {
                state.add(out, scratch.states[cell(part)], &scratch.partial[cell(part) * width..][..width]);
            }
            state.normalize(out);
        }
    }
}

fn rotate(head: &mut [f32], cosines: &[f32], sines: &[f32], pairs: RopePairs) {
    match pairs {
        RopePairs::Neighbours => {
            for ((pair, cosine), sine) in head.chunks_exact_mut(2).zip(cosines).zip(sines) {
                let (a, b) = (pair[0], pair[1]);
                pair[0] = a * cosine - b * sine;
                pair[1] = a * sine + b * cosine;
            }
        }
        RopePairs::Halves => {
            let (first, second) = head.split_at_mut(cosines.len());
            for (((a, b), cosine), sine) in first.iter_mut().zip(second).zip(cosines).zip(sines) {
                (*a, *b) = (*a * cosine - *b * sine, *a * sine + *b * cosine);
            }
        }
    }
}
