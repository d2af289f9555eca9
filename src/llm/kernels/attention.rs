//! Attention of some query rows over one head's cached keys and values, with a running softmax
//! (Milakov and Gimelshein, 2018), written once over [`Simd`].
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
    /// Where the weighted values are added up.
    pub(super) out: *mut f32,
    /// Visible positions: `low..high`.
    pub(super) low: usize,
    pub(super) high: usize,
    /// Largest score so far, and the sum of the weights relative to it.
    pub(super) largest: f32,
    pub(super) total: f32,
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

/// Adds positions `from..to` (at most [`SPAN`], `from` a multiple of 64) to the rows.
#[inline(always)]
unsafe fn add_span<S: Simd, const ROWS: usize, const TILES: usize, const PARTS: usize>(
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
        let mut corrections = [0.0; ROWS];
        for r in 0..ROWS {
            let row = &mut rows[r];
            let scores = scores.add(r * SPAN);
            let low = row.low.clamp(from, to) - from;
            let high = row.high.clamp(from, to) - from;
            for hidden in (0..low).chain(high..padded) {
                *scores.add(hidden) = f32::NEG_INFINITY;
            }
            let mut largest = S::splat(row.largest);
            for at in (0..padded).step_by(16) {
                largest = S::max(largest, S::load(scores.add(at)));
            }
            let largest = S::maximum(largest);
            if largest == f32::NEG_INFINITY {
                // Nothing visible yet: weights of zero, whatever is in the cache.
                for at in (0..padded).step_by(16) {
                    S::store(scores.add(at), S::splat(0.0));
                }
                corrections[r] = if row.total > 0.0 { 1.0 } else { 0.0 };
                continue;
            }
            let mut total = S::splat(0.0);
            for at in (0..padded).step_by(16) {
                let weight = exp::<S>(S::sub(S::load(scores.add(at)), S::splat(largest)));
                S::store(scores.add(at), weight);
                total = S::add(total, weight);
            }
            corrections[r] = if row.total > 0.0 { (row.largest - largest).exp() } else { 0.0 };
            row.total = row.total * corrections[r] + S::sum(total);
            row.largest = largest;
        }
        let mut dimension = 0;
        while dimension + 16 * PARTS <= head.width {
            add_values::<S, ROWS, PARTS>(head, rows, dimension, from, to, scores, &corrections);
            dimension += 16 * PARTS;
        }
        while dimension < head.width {
            add_values::<S, ROWS, 1>(head, rows, dimension, from, to, scores, &corrections);
            dimension += 16;
        }
    }
}

/// `out = out * correction + weights * values` for `16 * PARTS` dimensions.
#[inline(always)]
unsafe fn add_values<S: Simd, const ROWS: usize, const PARTS: usize>(
    head: Head,
    rows: &[QueryRow],
    dimension: usize,
    from: usize,
    to: usize,
    scores: *const f32,
    corrections: &[f32; ROWS],
) {
    // SAFETY: as for `add_span`.
    unsafe {
        let mut sums = [[S::splat(0.0); PARTS]; ROWS];
        for r in 0..ROWS {
            if corrections[r] != 0.0 {
                for part in 0..PARTS {
                    let out = S::load(rows[r].out.add(dimension + part * 16));
                    sums[r][part] = S::mul(out, S::splat(corrections[r]));
                }
            }
        }
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

/// Adds positions `from..to` (`from` a multiple of 64) to at most [`MOST_ROWS`] rows. A new row has `largest` minus
/// infinity and `total` zero; its `out` need not be cleared.
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
        let mut start = from;
        while start < to {
            // Ends at fixed positions: what a row gets must not depend on where the others begin.
            let end = ((start / SPAN + 1) * SPAN).min(to);
            match rows.len() {
                1 => add_span::<S, 1, TILES, PARTS>(head, rows, start, end, scores),
                2 => add_span::<S, 2, TILES, PARTS>(head, rows, start, end, scores),
                3 => add_span::<S, 3, TILES, PARTS>(head, rows, start, end, scores),
                4 => add_span::<S, 4, TILES, PARTS>(head, rows, start, end, scores),
                5 => add_span::<S, 5, TILES, PARTS>(head, rows, start, end, scores),
                _ => add_span::<S, 6, TILES, PARTS>(head, rows, start, end, scores),
            }
            start = end;
        }
    }
}

/// Divides each row's sum by the sum of its weights.
#[inline(always)]
pub(super) unsafe fn normalize<S: Simd>(rows: &[QueryRow], width: usize) {
    // SAFETY: the caller's.
    unsafe {
        for row in rows {
            let factor = S::splat(if row.total > 0.0 { 1.0 / row.total } else { 0.0 });
            for at in (0..width).step_by(16) {
                S::store(row.out.add(at), S::mul(S::load(row.out.add(at)), factor));
            }
        }
    }
}
