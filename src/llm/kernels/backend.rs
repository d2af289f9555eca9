//! The safe face of the row and matrix kernels: shapes are checked here, work is spread over the pool here.

use super::{
    activations::{Activations, RowTargets},
    elementwise::Gate,
    format::{BLOCK, COLUMNS},
    matmul::{DIRECT_ROWS, Panel, Product},
    matrix::Matrix,
    pool::Pool,
    table::{self, Table},
};
use std::cell::RefCell;

/// The instruction sets the kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// AVX-512 with VNNI.
    Avx512,
    /// AVX2 with AVX-VNNI.
    Avx2Vnni,
    /// AVX2 with FMA and F16C.
    Avx2,
    /// NEON with the dot-product extension.
    NeonDot,
    /// NEON.
    Neon,
    /// Any processor.
    Scalar,
}

impl InstructionSet {
    /// All that this processor has, the fastest first.
    pub fn available() -> Vec<Self> {
        let mut sets = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let narrow = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("f16c");
            let wide = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vnni");
            if narrow && wide {
                sets.push(Self::Avx512);
            }
            if narrow && is_x86_feature_detected!("avxvnni") {
                sets.push(Self::Avx2Vnni);
            }
            if narrow {
                sets.push(Self::Avx2);
            }
        }
        #[cfg(target_arch = "aarch64")]
        {
            if std::arch::is_aarch64_feature_detected!("dotprod") {
                sets.push(Self::NeonDot);
            }
            if std::arch::is_aarch64_feature_detected!("neon") {
                sets.push(Self::Neon);
            }
        }
        sets.push(Self::Scalar);
        sets
    }

    fn table(self) -> &'static Table {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => &table::AVX512,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2Vnni => &table::AVX2_VNNI,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => &table::AVX2,
            #[cfg(target_arch = "aarch64")]
            Self::NeonDot => &table::NEON_DOT,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => &table::NEON,
            // `Backend::new` lets only available sets through.
            _ => &table::SCALAR,
        }
    }
}

thread_local! {
    static PANEL: RefCell<Panel> = RefCell::new(Panel::new());
}

/// Pointers that threads may share because each uses a part of its own.
#[derive(Clone, Copy)]
pub(super) struct Shared<T>(*mut T);
// SAFETY: users give each thread a part of its own (see each use).
unsafe impl<T> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Shared<T> {}
impl<T> Shared<T> {
    pub(super) fn new(slice: &mut [T]) -> Self {
        Self(slice.as_mut_ptr())
    }
    pub(super) fn get(self) -> *mut T {
        self.0
    }
}

/// The kernels of one instruction set and the threads they run on.
pub struct Backend {
    pub(super) pool: Pool,
    pub(super) table: &'static Table,
    instruction_set: InstructionSet,
}

impl Backend {
    /// Kernels for `threads` threads; `instruction_set` of `None` takes the best there is, and one that the
    /// processor lacks is replaced by that.
    pub fn new(threads: usize, instruction_set: Option<InstructionSet>) -> Self {
        let available = InstructionSet::available();
        let instruction_set =
            instruction_set.filter(|wanted| available.contains(wanted)).unwrap_or(available[0]);
        Self { pool: Pool::new(threads), table: instruction_set.table(), instruction_set }
    }

    /// What the kernels are compiled for.
    pub fn instruction_set(&self) -> InstructionSet {
        self.instruction_set
    }

    /// Threads a pass runs on.
    pub fn threads(&self) -> usize {
        self.pool.threads()
    }

    /// Calls `body` for each row; a handful of rows is not worth waking threads for.
    pub(super) fn for_rows(&self, rows: usize, body: &(dyn Fn(usize) + Sync)) {
        const CHUNK: usize = 8;
        if rows <= 4 {
            (0..rows).for_each(body);
        } else {
            let chunk = CHUNK.min(rows.div_ceil(self.threads() * 2));
            self.pool.run(rows.div_ceil(chunk), &|index| {
                (index * chunk..((index + 1) * chunk).min(rows)).for_each(body);
            });
        }
    }

    /// Quantizes `rows` rows of `width` values.
    pub fn quantize(&self, from: &[f32], rows: usize, width: usize, to: &mut Activations) {
        assert!(from.len() >= rows * width && width.is_multiple_of(BLOCK));
        to.reserve(rows, width);
        let targets = RowTargets::of(to);
        self.for_rows(rows, &|row| {
            // SAFETY: the row lies within `from` and the reserved targets, and only this call writes it.
            unsafe { (self.table.quantize_row)(from[row * width..].as_ptr(), width, targets.row(row)) }
        });
    }

    /// Root-mean-square norm with weights, then quantization. Rows are as wide as `weights`.
    pub fn norm_quantize(
        &self,
        from: &[f32],
        rows: usize,
        weights: &[f32],
        epsilon: f32,
        to: &mut Activations,
    ) {
        let width = weights.len();
        assert!(from.len() >= rows * width && width.is_multiple_of(BLOCK));
        to.reserve(rows, width);
        let targets = RowTargets::of(to);
        self.for_rows(rows, &|row| {
            let from = from[row * width..].as_ptr();
            // SAFETY: as in `quantize`; `weights` has `width` values.
            unsafe {
                (self.table.norm_quantize_row)(from, weights.as_ptr(), width, epsilon, targets.row(row))
            }
        });
    }

    /// Rows of `2 * width` values, gates then factors: squashes, multiplies, quantizes.
    pub fn gate_quantize(&self, from: &[f32], rows: usize, width: usize, gate: Gate, to: &mut Activations) {
        assert!(from.len() >= rows * 2 * width && width.is_multiple_of(BLOCK));
        to.reserve(rows, width);
        let targets = RowTargets::of(to);
        self.for_rows(rows, &|row| {
            let (gates, ups) = from[row * 2 * width..][..2 * width].split_at(width);
            // SAFETY: as in `quantize`; both halves have `width` values.
            unsafe {
                (self.table.gate_quantize_row)(gates.as_ptr(), ups.as_ptr(), width, gate, targets.row(row));
            }
        });
    }

    /// `to += norm(from) * weights`, row by row.
    pub fn norm_add(&self, from: &[f32], rows: usize, weights: &[f32], epsilon: f32, to: &mut [f32]) {
        let width = weights.len();
        assert!(from.len() >= rows * width && to.len() >= rows * width && width.is_multiple_of(BLOCK));
        let to = Shared::new(to);
        self.for_rows(rows, &|row| {
            let from = from[row * width..].as_ptr();
            // SAFETY: each row of `to` is written by one call.
            unsafe {
                (self.table.norm_add_row)(from, weights.as_ptr(), width, epsilon, to.get().add(row * width));
            }
        });
    }

    /// Multiplies all rows of `activations` with each matrix and writes (or adds) matrix `i`'s columns at column
    /// `matrices[i].1` of `out`, whose rows are `stride` apart.
    pub fn multiply(
        &self,
        activations: &Activations,
        matrices: &[(&Matrix, usize)],
        out: &mut [f32],
        stride: usize,
        accumulate: bool,
    ) {
        let rows = activations.rows;
        if rows == 0 {
            return;
        }
        let mut end = 0;
        for (matrix, column) in matrices {
            assert_eq!(matrix.width(), activations.width, "the matrix does not fit the activations");
            assert!(
                *column >= end && column + matrix.columns() <= stride,
                "columns overlap or leave the row"
            );
            end = column + matrix.columns();
        }
        assert!(out.len() >= (rows - 1) * stride + end, "the product does not fit its place");
        let out = Shared::new(out);
        // Two tiles at least: the panel kernel takes two at once.
        let tiles: usize = matrices.iter().map(|(matrix, _)| matrix.tiles().next_multiple_of(2)).sum();
        let chunk =
            if rows > DIRECT_ROWS { 2 } else { (tiles / (self.threads() * 8)).next_multiple_of(2).max(2) };
        let chunks = |matrix: &Matrix| matrix.tiles().div_ceil(chunk);
        let tasks = matrices.iter().map(|(matrix, _)| chunks(matrix)).sum();
        self.pool.run(tasks, &|task| {
            let mut index = task;
            let Some((matrix, column)) = matrices.iter().find(|(matrix, _)| {
                let inside = index < chunks(matrix);
                if !inside {
                    index -= chunks(matrix);
                }
                inside
            }) else {
                return;
            };
            let product = Product {
                matrix: matrix.tiles_start(),
                depth: matrix.depth(),
                columns: matrix.columns(),
                quants: activations.quants.as_ptr(),
                scales: activations.scales.as_ptr(),
                sums: activations.sums.as_ptr(),
                starts: activations.starts.as_ptr(),
                blocks: activations.blocks,
                rows,
                // SAFETY: the column lies within the row.
                out: unsafe { out.get().add(*column) },
                stride,
                accumulate,
            };
            let (from, to) = (index * chunk, ((index + 1) * chunk).min(matrix.tiles()));
            debug_assert!(from * COLUMNS < matrix.columns());
            PANEL.with_borrow_mut(|panel| {
                // SAFETY: shapes were checked above; each task writes columns of its own.
                unsafe { (self.table.product)(matrix.format(), &product, from, to, panel) }
            });
        });
    }
}
