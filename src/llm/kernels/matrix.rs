//! Packed weight matrices in one arena, and how they get there.

use super::{
    format::{BLOCK, COLUMNS, Format},
    pack,
    scalar::Scalar,
    simd::Simd,
};
use memmap2::MmapMut;
use std::{io, sync::Arc};

/// Memory for all of a model's matrices, on huge pages where the system has them.
pub struct Arena {
    memory: MmapMut,
}

impl Arena {
    /// Zeroed memory.
    pub fn new(bytes: usize) -> io::Result<Self> {
        let memory = MmapMut::map_anon(bytes.max(1))?;
        #[cfg(target_os = "linux")]
        {
            // Only a hint: weights are read from end to end for every token, and fewer page walks are faster.
            let _ = memory.advise(memmap2::Advice::HugePage);
        }
        Ok(Self { memory })
    }

    /// The whole of it, to be filled before it is shared.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.memory
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.memory
    }
}

/// The form rows have in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Blocks of a format that has a packed form.
    Blocks(Format),
    /// Anything else: rows come as `f32` and are quantized to eight bits.
    Floats,
}

impl Source {
    /// The packed format.
    pub fn format(self) -> Format {
        match self {
            Self::Blocks(format) => format,
            Self::Floats => Format::EightBit,
        }
    }

    /// Bytes of a row of `width` values in the file, for blocks; `None` if the width is not whole blocks.
    pub fn row_bytes(self, width: usize) -> Option<usize> {
        match self {
            Self::Blocks(format) => {
                let (bytes, steps) = pack::file_block(format);
                width.is_multiple_of(steps).then(|| width / steps * bytes)
            }
            Self::Floats => Some(width * 4),
        }
    }
}

/// Rows of a file's tensor on their way into an arena: at most sixteen.
pub struct Stripe;

impl Stripe {
    /// Rows of the file that become one row of tiles.
    pub const ROWS: usize = COLUMNS;

    /// Packs blocks. `rows` holds at most sixteen rows of `row_bytes`; `tiles` is one row of tiles, zeroed.
    pub fn pack_blocks(format: Format, rows: &[u8], row_bytes: usize, tiles: &mut [u8]) {
        assert!(rows.len() <= Self::ROWS * row_bytes, "a stripe has at most sixteen rows");
        pack::pack_rows(format, rows, row_bytes, tiles);
    }

    /// Quantizes and packs `f32` rows of `width` values.
    pub fn pack_floats(rows: &[f32], width: usize, tiles: &mut [u8]) {
        assert!(rows.len() <= Self::ROWS * width, "a stripe has at most sixteen rows");
        pack::pack_floats(rows, width, tiles);
    }
}

/// A packed matrix of `columns` outputs by `width` inputs (the file's rows and row length).
#[derive(Clone)]
pub struct Matrix {
    arena: Arc<Arena>,
    offset: usize,
    format: Format,
    columns: usize,
    width: usize,
}

impl Matrix {
    /// Bytes a matrix takes in the arena: a whole number of 64-byte lines.
    pub fn bytes_for(format: Format, columns: usize, width: usize) -> usize {
        columns.div_ceil(COLUMNS) * Self::stripe_bytes(format, width)
    }

    /// Bytes of one row of tiles (sixteen outputs).
    pub fn stripe_bytes(format: Format, width: usize) -> usize {
        width.div_ceil(BLOCK).div_ceil(format.tile_blocks()) * format.tile_bytes()
    }

    /// The matrix at `offset` of a filled arena.
    ///
    /// # Panics
    /// If the matrix does not lie within the arena or on its lines.
    pub fn new(arena: Arc<Arena>, offset: usize, format: Format, columns: usize, width: usize) -> Self {
        let bytes = Self::bytes_for(format, columns, width);
        assert!(
            offset.is_multiple_of(64) && offset + bytes <= arena.memory.len(),
            "the matrix leaves its arena"
        );
        assert!(width.is_multiple_of(BLOCK), "the inner dimension is whole blocks");
        Self { arena, offset, format, columns, width }
    }

    /// Outputs.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Inputs.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The packed format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        Self::bytes_for(self.format, self.columns, self.width)
    }

    pub(super) fn tiles(&self) -> usize {
        self.columns.div_ceil(COLUMNS)
    }

    /// Tiles along the inner dimension.
    pub(super) fn depth(&self) -> usize {
        self.width.div_ceil(BLOCK).div_ceil(self.format.tile_blocks())
    }

    pub(super) fn tiles_start(&self) -> *const u8 {
        self.arena.memory[self.offset..].as_ptr()
    }

    /// The weights of one output, in full (an embedding's row).
    ///
    /// # Panics
    /// If there is no such output or `to` is not as long as the matrix is wide.
    pub fn output(&self, column: usize, to: &mut [f32]) {
        assert!(column < self.columns && to.len() == self.width, "no such output");
        use super::format::{EightBit, FiveBitSuper, FourBit, FourBitMin, FourBitSuper, SixBitSuper};
        match self.format {
            Format::FourBit => self.unpack::<FourBit>(column, to),
            Format::FourBitMin => self.unpack::<FourBitMin>(column, to),
            Format::EightBit => self.unpack::<EightBit>(column, to),
            Format::FourBitSuper => self.unpack::<FourBitSuper>(column, to),
            Format::FiveBitSuper => self.unpack::<FiveBitSuper>(column, to),
            Format::SixBitSuper => self.unpack::<SixBitSuper>(column, to),
        }
    }

    fn unpack<L: super::format::Layout>(&self, column: usize, to: &mut [f32]) {
        use super::format::Kind;
        let lane = column % COLUMNS;
        let (stripe, tile_bytes) = (column / COLUMNS * self.depth(), L::BYTES);
        for (block, to) in to.chunks_mut(BLOCK).enumerate() {
            let offset = self.offset + (stripe + block / L::BLOCKS) * tile_bytes;
            let tile = self.arena.memory[offset..offset + tile_bytes].as_ptr();
            let inner = block % L::BLOCKS;
            // SAFETY: `tile` is a whole tile of this format, and plain Rust needs no features.
            let (groups, scales, minimum) = unsafe {
                (
                    L::weights::<Scalar>(tile, inner),
                    L::scales::<Scalar>(tile, inner),
                    L::minimum::<Scalar>(tile, inner),
                )
            };
            for (step, to) in to.iter_mut().enumerate() {
                let weight = groups[step / 4][lane * 4 + step % 4];
                let weight = if L::Kind::SIGNED { f32::from(weight as i8) } else { f32::from(weight) };
                let half = if L::Kind::HALVES == 2 { step / 16 } else { 0 };
                *to = weight * scales[half][lane] + minimum[lane];
            }
        }
        const { assert!(Scalar::SIGNED_OFFSET == 0) };
    }
}
