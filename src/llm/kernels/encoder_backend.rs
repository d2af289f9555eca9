//! The safe face of the encoder's kernels: shapes are checked here, work is spread over the pool here.

use super::{
    backend::{Backend, Shared},
    encoder::{LayerNorm, TextHead},
    fixed::{FixedArena, FixedMatrix, FixedProduct, FixedRows, STEP},
    format::COLUMNS,
};
use std::{cell::RefCell, ops::Range};

thread_local! {
    static SCRATCH: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Rows a task takes at most: their words and the product's columns stay in the second-level cache.
const TASK_ROWS: usize = 128;

impl Backend {
    /// Rounds `rows` rows of `width` values to fixed point.
    ///
    /// # Panics
    /// If there are fewer values or the width is not a multiple of 32.
    pub fn fix(&self, from: &[f32], rows: usize, width: usize, to: &mut FixedRows) {
        assert!(from.len() >= rows * width, "too few values");
        let targets = to.reserve(rows, width);
        self.for_rows(rows, &|row| {
            let from = from[row * width..].as_ptr();
            // SAFETY: the row lies within `from` and the reserved targets, and only this call writes it.
            unsafe { (self.table.fix_row)(from, width, targets.row(row)) }
        });
    }

    /// `states = norm(states + added)` row by row, and the same in fixed point.
    ///
    /// # Panics
    /// If a side has fewer than `rows` rows as wide as the norm, or its width is not a multiple of 32.
    pub fn add_norm(
        &self,
        states: &mut [f32],
        added: &[f32],
        rows: usize,
        norm: &LayerNorm,
        to: &mut FixedRows,
    ) {
        let width = norm.scale.len();
        assert!(norm.shift.len() == width, "a norm has as many shifts as scales");
        assert!(states.len() >= rows * width && added.len() >= rows * width, "too few values");
        let targets = to.reserve(rows, width);
        let states = Shared::new(states);
        self.for_rows(rows, &|row| {
            let added = added[row * width..].as_ptr();
            // SAFETY: the row lies within both sides and the targets, and only this call writes it.
            unsafe {
                (self.table.add_norm_row)(states.get().add(row * width), added, norm, targets.row(row));
            }
        });
    }

    /// GELU in place, and the same in fixed point.
    ///
    /// # Panics
    /// If there are fewer values or the width is not a multiple of 32.
    pub fn gelu(&self, values: &mut [f32], rows: usize, width: usize, to: &mut FixedRows) {
        assert!(values.len() >= rows * width, "too few values");
        let targets = to.reserve(rows, width);
        let values = Shared::new(values);
        self.for_rows(rows, &|row| {
            // SAFETY: the row lies within the values and the targets, and only this call writes it.
            unsafe { (self.table.gelu_row)(values.get().add(row * width), width, targets.row(row)) }
        });
    }

    /// All rows times a matrix plus its bias; `out` has as many columns as the matrix.
    ///
    /// # Panics
    /// If the shapes do not fit.
    pub fn multiply_fixed(
        &self,
        rows: &FixedRows,
        arena: &FixedArena,
        matrix: &FixedMatrix,
        out: &mut [f32],
    ) {
        let (count, columns) = (rows.rows(), matrix.columns());
        assert_eq!(matrix.width(), rows.width, "the matrix does not fit the rows");
        assert!(out.len() >= count * columns, "the product does not fit its place");
        if count == 0 {
            return;
        }
        let product = FixedProduct {
            matrix: arena.tiles(matrix),
            column_scales: matrix.scales.as_ptr(),
            bias: matrix.bias.as_ptr(),
            width: matrix.width(),
            words: rows.words.as_ptr(),
            row_scales: rows.scales.as_ptr(),
            out: out.as_mut_ptr(),
            columns,
        };
        let product = SharedProduct(product);
        let tiles = columns / COLUMNS;
        let row_blocks = count.div_ceil(TASK_ROWS);
        let height = count.div_ceil(row_blocks);
        let chunk = (tiles * row_blocks / (self.threads() * 6)).next_multiple_of(2).clamp(2, 12);
        let chunks = tiles.div_ceil(chunk);
        self.pool.run(chunks * row_blocks, &|task| {
            let (rows, tiles_from) = (task / chunks * height, task % chunks * chunk);
            let rows = (rows, (rows + height).min(count));
            // SAFETY: shapes were checked above; each task writes rows and columns of its own.
            unsafe {
                (self.table.fixed_product)(product.get(), tiles_from, (tiles_from + chunk).min(tiles), rows);
            }
        });
    }

    /// Attention of all tokens of a text to one another. A row of `mixed` holds a token's queries (already scaled), keys
    /// and values, `hidden` of each; the answer's rows have `hidden` values. `texts` are the rows of each text.
    ///
    /// # Panics
    /// If a text leaves the rows, or `hidden` is not `heads` times a multiple of sixteen.
    pub fn attend_texts(
        &self,
        mixed: &[f32],
        hidden: usize,
        heads: usize,
        texts: &[Range<usize>],
        out: &mut [f32],
    ) {
        assert!(
            heads > 0 && hidden.is_multiple_of(heads) && (hidden / heads).is_multiple_of(COLUMNS),
            "a head is a multiple of sixteen wide"
        );
        let width = hidden / heads;
        let mut end = 0;
        for text in texts {
            assert!(text.start >= end && text.start <= text.end, "texts overlap");
            end = text.end;
        }
        assert!(mixed.len() >= end * 3 * hidden && out.len() >= end * hidden, "a text leaves the rows");
        let out = Shared::new(out);
        self.pool.run(texts.len() * heads, &|task| {
            let (text, head) = (&texts[task / heads], task % heads);
            if text.is_empty() {
                return;
            }
            let first = head * width;
            let head = TextHead {
                query: mixed[text.start * 3 * hidden + first..].as_ptr(),
                hidden,
                tokens: text.len(),
                width,
                // SAFETY: the text's rows lie within `out`.
                out: unsafe { out.get().add(text.start * hidden + first) },
            };
            SCRATCH.with_borrow_mut(|scratch| {
                // SAFETY: shapes were checked above; each task writes a head of a text of its own.
                unsafe { (self.table.attend_text)(&head, scratch) }
            });
        });
    }
}

/// A product that threads share because each writes a part of its own.
struct SharedProduct(FixedProduct);
// SAFETY: `multiply_fixed` gives each task rows and columns of its own; everything else is only read.
unsafe impl Sync for SharedProduct {}
impl SharedProduct {
    fn get(&self) -> &FixedProduct {
        &self.0
    }
}

const _: () = assert!(STEP.is_multiple_of(COLUMNS));
