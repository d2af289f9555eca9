//! What a BERT-like encoder does between its products, written once over [`Simd`]: layer norms, GELU, and attention of all
//! tokens of a text to one another. All in 32-bit floats.

use super::{
    fixed::{FixedTarget, write_row},
    format::COLUMNS,
    simd::{Simd, exp},
};

/// Scale and shift after normalising a row.
#[derive(Debug, Clone)]
pub struct LayerNorm {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
    pub epsilon: f32,
}

/// `state = norm(state + added)`, and the same in fixed point.
#[inline(always)]
pub(super) unsafe fn add_norm_row<S: Simd>(
    state: *mut f32,
    added: *const f32,
    norm: &LayerNorm,
    to: FixedTarget,
) {
    // SAFETY: the caller's pointers cover a row as wide as the norm.
    unsafe {
        let width = norm.scale.len();
        let mut sum = S::splat(0.0);
        for at in (0..width).step_by(16) {
            let value = S::add(S::load(state.add(at)), S::load(added.add(at)));
            S::store(state.add(at), value);
            sum = S::add(sum, value);
        }
        let mean = S::splat(S::sum(sum) / width as f32);
        let mut squares = S::splat(0.0);
        for at in (0..width).step_by(16) {
            let value = S::sub(S::load(state.add(at)), mean);
            squares = S::mul_add(value, value, squares);
        }
        let factor = S::splat(1.0 / (S::sum(squares) / width as f32 + norm.epsilon).sqrt());
        let mut largest = S::splat(0.0);
        for at in (0..width).step_by(16) {
            let value = S::mul(S::sub(S::load(state.add(at)), mean), factor);
            let scale = S::load(norm.scale.as_ptr().add(at));
            let value = S::mul_add(value, scale, S::load(norm.shift.as_ptr().add(at)));
            S::store(state.add(at), value);
            largest = S::max(largest, S::abs(value));
        }
        write_row::<S>(state, width, S::maximum(largest), to);
    }
}

/// x times the normal distribution function, with the rational approximation of erf that Eigen uses (4e-7 absolute).
#[inline(always)]
unsafe fn gelu<S: Simd>(x: S::Floats) -> S::Floats {
    const NUMERATOR: [f32; 6] =
        [2.770_681_4e-8, -2.101_024e-6, -5.692_506_4e-5, -7.349_906e-4, -2.954_6e-3, -1.609_603_3e-2];
    const DENOMINATOR: [f32; 4] = [-2.133_740_6e-4, -1.682_827e-3, -7.373_329e-3, -1.426_474e-2];
    // SAFETY: touches no memory.
    unsafe {
        let scaled = S::mul(x, S::splat(std::f32::consts::FRAC_1_SQRT_2));
        let bounded = S::min(S::max(scaled, S::splat(-4.0)), S::splat(4.0));
        let square = S::mul(bounded, bounded);
        let mut numerator = S::splat(-2.726_142_3e-10);
        for coefficient in NUMERATOR {
            numerator = S::mul_add(numerator, square, S::splat(coefficient));
        }
        let mut denominator = S::splat(-1.456_607_2e-5);
        for coefficient in DENOMINATOR {
            denominator = S::mul_add(denominator, square, S::splat(coefficient));
        }
        let half = S::mul(x, S::splat(0.5));
        S::mul_add(half, S::div(S::mul(bounded, numerator), denominator), half)
    }
}

/// GELU (the exact one, with the error function) in place, and the same in fixed point.
#[inline(always)]
pub(super) unsafe fn gelu_row<S: Simd>(row: *mut f32, width: usize, to: FixedTarget) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        let mut largest = S::splat(0.0);
        for at in (0..width).step_by(16) {
            let value = gelu::<S>(S::load(row.add(at)));
            S::store(row.add(at), value);
            largest = S::max(largest, S::abs(value));
        }
        write_row::<S>(row, width, S::maximum(largest), to);
    }
}

/// One head of one text.
#[derive(Clone, Copy)]
pub(super) struct TextHead {
    /// The first token's query, already scaled; keys and values lie `hidden` and `2 * hidden` further.
    pub(super) query: *const f32,
    pub(super) hidden: usize,
    /// Tokens of the text.
    pub(super) tokens: usize,
    /// Values of a head, a multiple of sixteen.
    pub(super) width: usize,
    /// The first token's mixed values; rows are `hidden` apart.
    pub(super) out: *mut f32,
}

/// Rows of `left` times `right`: `out[r][c] = sum over k of left[r][k] * right[k][c]`, for `TILES * 16` columns.
#[inline(always)]
unsafe fn small_product<S: Simd, const TILES: usize, const ROWS: usize>(
    left: (*const f32, usize),
    right: (*const f32, usize),
    inner: usize,
    out: &mut [[S::Floats; TILES]; ROWS],
) {
    // SAFETY: the caller's pointers cover the shapes.
    unsafe {
        *out = [[S::splat(0.0); TILES]; ROWS];
        for k in 0..inner {
            let row = right.0.add(k * right.1);
            let mut columns = [S::load(row); TILES];
            for (t, columns) in columns.iter_mut().enumerate().skip(1) {
                *columns = S::load(row.add(t * COLUMNS));
            }
            for (r, sums) in out.iter_mut().enumerate() {
                let value = S::splat(*left.0.add(r * left.1 + k));
                for (sum, columns) in sums.iter_mut().zip(columns) {
                    *sum = S::mul_add(value, columns, *sum);
                }
            }
        }
    }
}

/// Tokens of a text in whole kernels, and from one dimension of the turned keys to the next: not a power of two, which would
/// crowd a few places of the cache.
fn padded_and_stride<const TILES: usize>(tokens: usize) -> (usize, usize) {
    let padded = tokens.next_multiple_of(COLUMNS * TILES);
    (padded, padded + COLUMNS)
}

/// `ROWS` queries of a head, from token `row` on.
#[inline(always)]
unsafe fn attend_rows<S: Simd, const TILES: usize, const ROWS: usize>(
    head: &TextHead,
    row: usize,
    keys: *const f32,
    scores: *mut f32,
) {
    // SAFETY: the caller's head covers its text, `keys` `width * key_stride` and `scores` `ROWS * padded` values.
    unsafe {
        let stride = 3 * head.hidden;
        let (padded, key_stride) = padded_and_stride::<TILES>(head.tokens);
        let query = head.query.add(row * stride);
        for at in (0..padded).step_by(COLUMNS * TILES) {
            let mut sums = [[S::splat(0.0); TILES]; ROWS];
            let keys = (keys.add(at), key_stride);
            small_product::<S, TILES, ROWS>((query, stride), keys, head.width, &mut sums);
            for (r, sums) in sums.into_iter().enumerate() {
                for (t, sum) in sums.into_iter().enumerate() {
                    S::store(scores.add(r * padded + at + t * COLUMNS), sum);
                }
            }
        }
        let mut inverse = [0.0_f32; ROWS];
        for (r, inverse) in inverse.iter_mut().enumerate() {
            let scores = scores.add(r * padded);
            // No token is there: its weight becomes exactly nothing.
            for at in head.tokens..padded {
                *scores.add(at) = f32::MIN;
            }
            let mut highest = S::load(scores);
            for at in (COLUMNS..padded).step_by(COLUMNS) {
                highest = S::max(highest, S::load(scores.add(at)));
            }
            let highest = S::splat(S::maximum(highest));
            let mut total = S::splat(0.0);
            for at in (0..padded).step_by(COLUMNS) {
                let weight = exp::<S>(S::sub(S::load(scores.add(at)), highest));
                S::store(scores.add(at), weight);
                total = S::add(total, weight);
            }
            *inverse = 1.0 / S::sum(total);
        }
        let values = head.query.add(2 * head.hidden);
        for column in (0..head.width).step_by(COLUMNS * TILES) {
            let mut sums = [[S::splat(0.0); TILES]; ROWS];
            if column + COLUMNS * TILES <= head.width {
                let values = (values.add(column), stride);
                small_product::<S, TILES, ROWS>((scores, padded), values, head.tokens, &mut sums);
            } else {
                for t in 0..(head.width - column) / COLUMNS {
                    let mut one = [[S::splat(0.0); 1]; ROWS];
                    let values = (values.add(column + t * COLUMNS), stride);
                    small_product::<S, 1, ROWS>((scores, padded), values, head.tokens, &mut one);
                    for (sums, [one]) in sums.iter_mut().zip(one) {
                        sums[t] = one;
                    }
                }
            }
            for (r, sums) in sums.into_iter().enumerate() {
                let out = head.out.add((row + r) * head.hidden + column);
                let inverse = S::splat(inverse[r]);
                for (t, sum) in sums.into_iter().enumerate().take((head.width - column) / COLUMNS) {
                    S::store(out.add(t * COLUMNS), S::mul(sum, inverse));
                }
            }
        }
    }
}

/// One head of one text; `scratch` grows as needed.
#[inline(always)]
pub(super) unsafe fn attend_text<S: Simd, const TILES: usize, const ROWS: usize>(
    head: &TextHead,
    scratch: &mut Vec<f32>,
) {
    // SAFETY: the caller's head covers its text; the scratch is as large as `attend_rows` asks for.
    unsafe {
        let (padded, key_stride) = padded_and_stride::<TILES>(head.tokens);
        let wanted = head.width * key_stride + ROWS * padded;
        if scratch.len() < wanted {
            scratch.resize(wanted, 0.0);
        }
        let keys = scratch.as_mut_ptr();
        // Keys lie token after token; the product wants the tokens side by side.
        for token in 0..padded {
            let key = head.query.wrapping_add(token * 3 * head.hidden + head.hidden);
            for at in 0..head.width {
                *keys.add(at * key_stride + token) = if token < head.tokens { *key.add(at) } else { 0.0 };
            }
        }
        let scores = keys.add(head.width * key_stride);
        let mut row = 0;
        while row + ROWS <= head.tokens {
            attend_rows::<S, TILES, ROWS>(head, row, keys, scores);
            row += ROWS;
        }
        while row < head.tokens {
            attend_rows::<S, TILES, 1>(head, row, keys, scores);
            row += 1;
        }
    }
}
