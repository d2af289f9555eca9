//! Attention of some query rows over a span of one head's cached keys and values, written once over [`Simd`]. Spans
//! begin and end at fixed positions and are added up one after another with a running softmax (Milakov and Gimelshein,
//! 2018), whichever thread computed them: a row's result is the same to the bit whatever goes with it.
//!
//! Keys lie in tiles of sixteen positions: `[position / 16][dimension][position % 16]`, so that scores of sixteen
//! positions need no sums across lanes. Values lie `[position][dimension]`. Both are half-precision.

use super::simd::{Simd, exp};

/// Positions whose scores are held at once.
pub(super) const SPAN: usize = 256;
/// Query rows taken together, at most.
pub(super) const MOST_ROWS: usize = 6;
/// Capacities of a cache are multiples of this: scores are computed for so many positions at once.
pub(crate) const POSITION_STEP: usize = 64;

/// One row of queries: a head of a token.
#[derive(Clone, Copy)]
pub(super) struct QueryRow {
    pub(super) query: *const f32,
    /// Where the span's weighted values go.
    pub(super) out: *mut f32,
    /// Visible positions: `low..high`.
    pub(super) low: usize,
    pub(super) high: usize,
    /// What the span came to.
    pub(super) state: SpanState,
}

/// The largest score of some positions, and the sum of the weights relative to it. The total is zero if none is visible.
#[derive(Debug, Clone, Copy)]
pub(super) struct SpanState {
    pub(super) largest: f32,
    pub(super) total: f32,
}

impl SpanState {
    pub(super) const NOTHING: Self = Self { largest: f32::NEG_INFINITY, total: 0.0 };

    /// Adds the next span's weighted values to those of the spans before it.
    pub(super) fn add(&mut self, sums: &mut [f32], next: Self, next_sums: &[f32]) {
        if next.total == 0.0 {
            return;
        }
        if self.total == 0.0 {
            *self = next;
            sums.copy_from_slice(next_sums);
            return;
        }
        let largest = self.largest.max(next.largest);
        let (own, other) = ((self.largest - largest).exp(), (next.largest - largest).exp());
        *self = Self { largest, total: self.total * own + next.total * other };
        for (sum, next) in sums.iter_mut().zip(next_sums) {
            *sum = *sum * own + *next * other;
        }
    }

    /// Divides the weighted values by the sum of the weights.
    pub(super) fn normalize(self, sums: &mut [f32]) {
        let factor = if self.total > 0.0 { 1.0 / self.total } else { 0.0 };
        for sum in sums {
            *sum *= factor;
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Head {
    pub(super) keys: *const u16,
    pub(super) values: *const u16,
    /// A multiple of 16.
    pub(super) width: usize,
    pub(super) scale: f32,
}

pub(super) struct Scores(pub(super) [f32; MOST_ROWS * SPAN]);

/// Positions `from..to` (at most [`SPAN`], `from` a multiple of 64) for the rows.
#[inline(always)]
unsafe fn span<S: Simd, const ROWS: usize, const TILES: usize, const PARTS: usize>(
    head: Head,
    rows: &mut [QueryRow],
    from: usize,
    to: usize,
    scores: &mut Scores,
) {
    // SAFETY: the cache holds `to` positions rounded up to a multiple of 64; rows are as wide as the head.
    unsafe {
        let scores = scores.0.as_mut_ptr();
        let scale = S::splat(head.scale);
        let mut position = from;
        while position < to {
            let mut sums = [[S::splat(0.0); TILES]; ROWS];
            let keys = head.keys.add(position / 16 * head.width * 16);
            for dimension in 0..head.width {
                let mut tiles = [S::splat(0.0); TILES];
                for (t, tile) in tiles.iter_mut().enumerate() {
                    *tile = S::load_half(keys.add((t * head.width + dimension) * 16));
                }
                for r in 0..ROWS {
                    let query = S::splat(*rows[r].query.add(dimension));
                    for t in 0..TILES {
                        sums[r][t] = S::mul_add(query, tiles[t], sums[r][t]);
                    }
                }
            }
            for (r, sums) in sums.into_iter().enumerate() {
                for (t, sum) in sums.into_iter().enumerate() {
                    S::store(scores.add(r * SPAN + position - from + t * 16), S::mul(sum, scale));
                }
            }
            position += 16 * TILES;
        }
        let padded = (to - from).next_multiple_of(16);
        for r in 0..ROWS {
            let row = &mut rows[r];
            let scores = scores.add(r * SPAN);
            let low = row.low.clamp(from, to) - from;
            let high = row.high.clamp(from, to) - from;
            for hidden in (0..low).chain(high..padded) {
                *scores.add(hidden) = f32::NEG_INFINITY;
            }
            let mut largest = S::splat(f32::NEG_INFINITY);
            for at in (0..padded).step_by(16) {
                largest = S::max(largest, S::load(scores.add(at)));
            }
            let largest = S::maximum(largest);
            if largest == f32::NEG_INFINITY {
                // Nothing visible yet: weights of zero, whatever is in the cache.
                for at in (0..padded).step_by(16) {
                    S::store(scores.add(at), S::splat(0.0));
                }
                row.state = SpanState::NOTHING;
                continue;
            }
            let mut total = S::splat(0.0);
            for at in (0..padded).step_by(16) {
                let weight = exp::<S>(S::sub(S::load(scores.add(at)), S::splat(largest)));
                S::store(scores.add(at), weight);
                total = S::add(total, weight);
            }
            row.state = SpanState { largest, total: S::sum(total) };
        }
        let mut dimension = 0;
        while dimension + 16 * PARTS <= head.width {
            add_values::<S, ROWS, PARTS>(head, rows, dimension, from, to, scores);
            dimension += 16 * PARTS;
        }
        while dimension < head.width {
            add_values::<S, ROWS, 1>(head, rows, dimension, from, to, scores);
            dimension += 16;
        }
    }
}

/// `out = weights * values` for `16 * PARTS` dimensions.
///
/// # Safety
/// As [`attend`]; `dimension + 16 * PARTS` is at most the head's width.
#[inline(always)]
unsafe fn add_values<S: Simd, const ROWS: usize, const PARTS: usize>(
    head: Head,
    rows: &[QueryRow],
    dimension: usize,
    from: usize,
    to: usize,
    scores: *const f32,
) {
    // SAFETY: as for `span`.
    unsafe {
        let mut sums = [[S::splat(0.0); PARTS]; ROWS];
        for position in from..to {
            let values = head.values.add(position * head.width + dimension);
            let mut parts = [S::splat(0.0); PARTS];
            for (index, part) in parts.iter_mut().enumerate() {
                *part = S::load_half(values.add(index * 16));
            }
            for r in 0..ROWS {
                let weight = S::splat(*scores.add(r * SPAN + position - from));
                for part in 0..PARTS {
                    sums[r][part] = S::mul_add(weight, parts[part], sums[r][part]);
                }
            }
        }
        for (r, sums) in sums.into_iter().enumerate() {
            for (part, sum) in sums.into_iter().enumerate() {
                S::store(rows[r].out.add(dimension + part * 16), sum);
            }
        }
    }
}

/// Positions `from..to` (at most [`SPAN`], `from` a multiple of 64) for at most [`MOST_ROWS`] rows.
///
/// # Safety
/// The processor has the features of `S`; the head's keys and values cover the positions up to `to`, the rows' pointers its width.
#[inline(always)]
pub(super) unsafe fn attend<S: Simd, const TILES: usize, const PARTS: usize>(
    head: Head,
    rows: &mut [QueryRow],
    from: usize,
    to: usize,
    scores: &mut Scores,
) {
    // SAFETY: the caller's.
    unsafe {
        match rows.len() {
            1 => span::<S, 1, TILES, PARTS>(head, rows, from, to, scores),
            2 => span::<S, 2, TILES, PARTS>(head, rows, from, to, scores),
            3 => span::<S, 3, TILES, PARTS>(head, rows, from, to, scores),
            4 => span::<S, 4, TILES, PARTS>(head, rows, from, to, scores),
            5 => span::<S, 5, TILES, PARTS>(head, rows, from, to, scores),
            _ => span::<S, 6, TILES, PARTS>(head, rows, from, to, scores),
        }
    }
}
