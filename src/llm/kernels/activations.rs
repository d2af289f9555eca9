//! Activations as the matrix kernels take them: eight-bit, a scale for each row and block of 32.

use super::format::BLOCK;

/// Quantized rows. Rows are padded with zeros to a whole number of block pairs.
#[derive(Debug, Default)]
pub struct Activations {
    pub(super) rows: usize,
    /// Values of a row.
    pub(super) width: usize,
    /// Blocks of a row, even.
    pub(super) blocks: usize,
    /// `rows * blocks * 32`.
    pub(super) quants: Vec<i8>,
    /// `rows * blocks`: what a unit is worth.
    pub(super) scales: Vec<f32>,
    /// `rows * blocks`: scale times the sum of the block's quants.
    pub(super) sums: Vec<f32>,
    /// `rows * blocks * 4`: what a sum of products with signed weights starts from: for the first half of the block,
    /// the second, the whole (minus the instruction set's offset times the quants' sum), and an unused fourth.
    pub(super) starts: Vec<i32>,
}

impl Activations {
    /// Makes room for `rows` rows of `width` values, a multiple of 32. What is there is undefined until written.
    pub(super) fn reserve(&mut self, rows: usize, width: usize) {
        assert!(width.is_multiple_of(BLOCK), "activation rows are whole blocks");
        let blocks = (width / BLOCK).next_multiple_of(2);
        if (blocks, width) != (self.blocks, self.width) && blocks * BLOCK != width {
            // The padding block must be zero, and the buffer may hold another shape's values there.
            self.quants.clear();
            self.scales.clear();
            self.sums.clear();
            self.starts.clear();
        }
        self.rows = rows;
        self.width = width;
        self.blocks = blocks;
        let cells = rows * blocks;
        if self.scales.len() < cells {
            self.quants.resize(cells * BLOCK, 0);
            self.scales.resize(cells, 0.0);
            self.sums.resize(cells, 0.0);
            self.starts.resize(cells * 4, 0);
        }
    }

    /// Rows that are held.
    pub fn rows(&self) -> usize {
        self.rows
    }
}

/// Where one row is written; disjoint rows may be written by different threads.
#[derive(Clone, Copy)]
pub(super) struct RowTargets {
    pub(super) quants: *mut i8,
    pub(super) scales: *mut f32,
    pub(super) sums: *mut f32,
    pub(super) starts: *mut i32,
    pub(super) blocks: usize,
}

// SAFETY: the pointers are only turned into a row by `row`, whose callers give each row to one thread.
unsafe impl Send for RowTargets {}
// SAFETY: as above.
unsafe impl Sync for RowTargets {}

impl RowTargets {
    pub(super) fn of(activations: &mut Activations) -> Self {
        Self {
            quants: activations.quants.as_mut_ptr(),
            scales: activations.scales.as_mut_ptr(),
            sums: activations.sums.as_mut_ptr(),
            starts: activations.starts.as_mut_ptr(),
            blocks: activations.blocks,
        }
    }

    /// The targets of one row.
    ///
    /// # Safety
    /// `row` must be one the activations were reserved for.
    pub(super) unsafe fn row(self, row: usize) -> Self {
        // SAFETY: the caller's row lies within the reserved buffers.
        unsafe {
            Self {
                quants: self.quants.add(row * self.blocks * BLOCK),
                scales: self.scales.add(row * self.blocks),
                sums: self.sums.add(row * self.blocks),
                starts: self.starts.add(row * self.blocks * 4),
                blocks: self.blocks,
            }
        }
    }
}
