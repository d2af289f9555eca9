//! Products in fixed point: weights and activations of thirteen bits in sixteen-bit words, one scale a column and one a row.
//! For networks whose answers must stay close to 32-bit floats (sentence vectors) and yet run at the speed of integers.
//!
//! A tile holds sixteen columns by the whole inner dimension, two steps at a time: the 64 bytes one dot-product
//! instruction takes. A row's result does not depend, to the bit, on how many rows go with it.

use super::{format::COLUMNS, matrix::Arena, simd::Simd};
use std::io;

/// The largest magnitude of a word.
pub(super) const LARGEST: f32 = 4095.0;
/// Steps after which a 32-bit sum is carried over to floats: `128 * 4095^2` still fits it.
const STRETCH: usize = 128;
/// Inner dimensions are whole multiples of this.
pub(super) const STEP: usize = 32;
const _: () = assert!(STRETCH as i64 * 4095 * 4095 <= i32::MAX as i64 && STRETCH.is_multiple_of(STEP));

/// Memory for the matrices of a network.
pub struct FixedArena {
    memory: Arena,
    used: usize,
    bytes: usize,
}

impl FixedArena {
    /// Room for so many weights, in whole tiles.
    pub fn new(weights: usize) -> io::Result<Self> {
        let bytes = weights * size_of::<i16>();
        Ok(Self { memory: Arena::new(bytes)?, used: 0, bytes })
    }

    /// Rounds a matrix to fixed point. `weights` holds the `bias.len()` outputs one after another, `width` inputs each.
    ///
    /// # Panics
    /// If the arena is full, or the matrix is not whole tiles (sixteen outputs by thirty-two inputs).
    pub fn pack(&mut self, weights: &[f32], bias: Vec<f32>, width: usize) -> FixedMatrix {
        let columns = bias.len();
        assert!(
            columns.is_multiple_of(COLUMNS) && width.is_multiple_of(STEP) && weights.len() == columns * width,
            "a fixed-point matrix is whole tiles"
        );
        let bytes = weights.len() * size_of::<i16>();
        assert!(self.used + bytes <= self.bytes, "the matrix does not fit its arena");
        let memory = &mut self.memory.bytes_mut()[self.used..][..bytes];
        let mut scales = vec![0.0; columns];
        for (column, (row, scale)) in weights.chunks_exact(width).zip(&mut scales).enumerate() {
            let largest = row.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            *scale = largest / LARGEST;
            let inverse = if largest > 0.0 { LARGEST / largest } else { 0.0 };
            let tile = &mut memory[column / COLUMNS * COLUMNS * width * 2..][..COLUMNS * width * 2];
            for (step, value) in row.iter().enumerate() {
                let word = (value * inverse).round_ties_even() as i16;
                let at = (step / 2 * COLUMNS + column % COLUMNS) * 4 + step % 2 * 2;
                tile[at..at + 2].copy_from_slice(&word.to_ne_bytes());
            }
        }
        let offset = self.used;
        self.used += bytes;
        FixedMatrix { offset, scales, bias, width }
    }

    /// The first tile of a matrix.
    ///
    /// # Panics
    /// If the matrix was packed into another, smaller arena.
    pub(super) fn tiles(&self, matrix: &FixedMatrix) -> *const u8 {
        let bytes = matrix.columns() * matrix.width * size_of::<i16>();
        assert!(matrix.offset + bytes <= self.bytes, "the matrix lies in another arena");
        self.memory.bytes()[matrix.offset..].as_ptr()
    }
}

/// A packed matrix with its bias.
#[derive(Debug)]
pub struct FixedMatrix {
    offset: usize,
    pub(super) scales: Vec<f32>,
    pub(super) bias: Vec<f32>,
    width: usize,
}

impl FixedMatrix {
    /// Outputs.
    pub fn columns(&self) -> usize {
        self.scales.len()
    }

    /// Inputs.
    pub fn width(&self) -> usize {
        self.width
    }
}

/// Rows in fixed point. Grows to the largest shape it has held.
#[derive(Debug, Default)]
pub struct FixedRows {
    pub(super) rows: usize,
    pub(super) width: usize,
    /// `rows * width`.
    pub(super) words: Vec<i16>,
    /// What a unit of each row is worth.
    pub(super) scales: Vec<f32>,
}

impl FixedRows {
    /// Makes room; what is there is undefined until written.
    pub(super) fn reserve(&mut self, rows: usize, width: usize) -> FixedTargets {
        assert!(width.is_multiple_of(STEP), "fixed-point rows are whole steps");
        (self.rows, self.width) = (rows, width);
        if self.words.len() < rows * width {
            self.words.resize(rows * width, 0);
        }
        if self.scales.len() < rows {
            self.scales.resize(rows, 0.0);
        }
        FixedTargets { words: self.words.as_mut_ptr(), scales: self.scales.as_mut_ptr(), width }
    }

    /// Rows that are held.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// Where rows are written; disjoint rows may be written by different threads.
#[derive(Clone, Copy)]
pub(super) struct FixedTargets {
    words: *mut i16,
    scales: *mut f32,
    width: usize,
}

// SAFETY: the pointers are only turned into a row by `row`, whose callers give each row to one thread.
unsafe impl Send for FixedTargets {}
// SAFETY: as above.
unsafe impl Sync for FixedTargets {}

/// Where one row is written.
#[derive(Clone, Copy)]
pub(super) struct FixedTarget {
    words: *mut i16,
    scale: *mut f32,
}

impl FixedTargets {
    /// # Safety
    /// `row` must be one that room was made for.
    pub(super) unsafe fn row(self, row: usize) -> FixedTarget {
        // SAFETY: the caller's row lies within the reserved buffers.
        unsafe { FixedTarget { words: self.words.add(row * self.width), scale: self.scales.add(row) } }
    }
}

/// Rounds a row, whose largest magnitude is known, to fixed point.
#[inline(always)]
pub(super) unsafe fn write_row<S: Simd>(from: *const f32, width: usize, largest: f32, to: FixedTarget) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        *to.scale = largest / LARGEST;
        let inverse = S::splat(if largest > 0.0 { LARGEST / largest } else { 0.0 });
        for at in (0..width).step_by(16) {
            S::store_words(to.words.add(at), S::to_ints(S::mul(S::load(from.add(at)), inverse)));
        }
    }
}

/// Rounds a row to fixed point.
#[inline(always)]
pub(super) unsafe fn fix_row<S: Simd>(from: *const f32, width: usize, to: FixedTarget) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        let mut largest = S::splat(0.0);
        for at in (0..width).step_by(16) {
            largest = S::max(largest, S::abs(S::load(from.add(at))));
        }
        write_row::<S>(from, width, S::maximum(largest), to);
    }
}

/// One product of rows and a matrix.
#[derive(Clone, Copy)]
pub(super) struct FixedProduct {
    /// First tile of the matrix.
    pub(super) matrix: *const u8,
    pub(super) column_scales: *const f32,
    pub(super) bias: *const f32,
    pub(super) width: usize,
    pub(super) words: *const i16,
    pub(super) row_scales: *const f32,
    pub(super) out: *mut f32,
    /// Columns, which is also from one row of `out` to the next.
    pub(super) columns: usize,
}

/// `TILES` tiles of columns for `ROWS` rows from `row`.
#[inline(always)]
unsafe fn block<S: Simd, const TILES: usize, const ROWS: usize>(p: &FixedProduct, tile: usize, row: usize) {
    // SAFETY: the caller checked the product's shape; tiles and rows lie within it.
    unsafe {
        let p = *p;
        let tile_bytes = p.width * COLUMNS * 2;
        let matrix = p.matrix.add(tile * tile_bytes);
        let words = p.words.add(row * p.width);
        let out = p.out.add(row * p.columns + tile * COLUMNS);
        for from in (0..p.width).step_by(STRETCH) {
            let mut sums = [[S::splat_int(0); TILES]; ROWS];
            for pair in from / 2..(from + STRETCH).min(p.width) / 2 {
                let mut weights = [S::load_weights(matrix.add(pair * 64)); TILES];
                for (t, weights) in weights.iter_mut().enumerate().skip(1) {
                    *weights = S::load_weights(matrix.add(t * tile_bytes + pair * 64));
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let quad = S::load_quad(words.add(r * p.width + pair * 2).cast());
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = S::dot_pairs(*sum, weights, quad);
                    }
                }
            }
            for t in 0..TILES {
                let column = (tile + t) * COLUMNS;
                let scale = S::load(p.column_scales.add(column));
                for (r, sums) in sums.iter().enumerate() {
                    let out = out.add(r * p.columns + t * COLUMNS);
                    let before = S::load(if from == 0 { p.bias.add(column) } else { out });
                    let value = S::mul(S::to_floats(sums[t]), S::splat(*p.row_scales.add(row + r)));
                    S::store(out, S::mul_add(value, scale, before));
                }
            }
        }
    }
}

/// Tiles `tiles.0..tiles.1` for rows `rows.0..rows.1`, `TILES` and at most `ROWS` at a time. Conditions on `ROWS` are
/// settled at compile time: kernels for more rows than there are registers for are never built.
#[inline(always)]
pub(super) unsafe fn tiles_and_rows<S: Simd, const TILES: usize, const ROWS: usize>(
    p: &FixedProduct,
    tile: usize,
    rows: (usize, usize),
) {
    // SAFETY: the caller's.
    unsafe {
        // Blocks of even height: a last one of a row or two would use the weights poorly.
        let blocks = (rows.1 - rows.0).div_ceil(ROWS);
        let mut row = rows.0;
        for index in 0..blocks {
            let height = (rows.1 - row).div_ceil(blocks - index);
            match height {
                8 if ROWS >= 8 => block::<S, TILES, 8>(p, tile, row),
                7 if ROWS >= 7 => block::<S, TILES, 7>(p, tile, row),
                6 if ROWS >= 6 => block::<S, TILES, 6>(p, tile, row),
                5 if ROWS >= 5 => block::<S, TILES, 5>(p, tile, row),
                4 if ROWS >= 4 => block::<S, TILES, 4>(p, tile, row),
                3 if ROWS >= 3 => block::<S, TILES, 3>(p, tile, row),
                2 => block::<S, TILES, 2>(p, tile, row),
                _ => block::<S, TILES, 1>(p, tile, row),
            }
            row += height;
        }
    }
}
