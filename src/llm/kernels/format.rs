//! How packed weights lie in memory, and how a kernel reads a block of them.
//!
//! A tile holds sixteen output columns (rows of the file's tensor) by one or more blocks of thirty-two steps of the
//! inner dimension. Within a block, group `g` (of eight) holds steps `4g..4g+4` of the sixteen columns, column after
//! column: the 64 bytes one dot-product instruction takes. Four-bit weights keep group `2i` in the low and group
//! `2i + 1` in the high half of the bytes. Scales lie beside the weights they belong to, as compact as in the file.

use super::simd::Simd;

/// Columns of a tile.
pub(super) const COLUMNS: usize = 16;
/// Steps of the inner dimension in a block.
pub(super) const BLOCK: usize = 32;
/// Groups of four steps in a block.
pub(super) const GROUPS: usize = 8;

/// The packed formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Signed four-bit weights, a scale a block (GGUF's Q4_0).
    FourBit,
    /// Unsigned four-bit weights, a scale and a minimum a block (Q4_1).
    FourBitMin,
    /// Signed eight-bit weights, a scale a block (Q8_0, and whatever has no format of its own here).
    EightBit,
    /// Four-bit weights in superblocks of 256 with six-bit scales and minima (Q4_K).
    FourBitSuper,
    /// Five-bit weights in superblocks of 256 with six-bit scales and minima (Q5_K).
    FiveBitSuper,
    /// Six-bit weights in superblocks of 256 with an eight-bit scale for each sixteen steps (Q6_K).
    SixBitSuper,
}

impl Format {
    /// Bytes of a tile.
    pub(super) fn tile_bytes(self) -> usize {
        match self {
            Self::FourBit => FourBit::BYTES,
            Self::FourBitMin => FourBitMin::BYTES,
            Self::EightBit => EightBit::BYTES,
            Self::FourBitSuper => FourBitSuper::BYTES,
            Self::FiveBitSuper => FiveBitSuper::BYTES,
            Self::SixBitSuper => SixBitSuper::BYTES,
        }
    }

    /// Blocks of a tile.
    pub(super) fn tile_blocks(self) -> usize {
        match self {
            Self::FourBitMin => 1,
            Self::FourBit | Self::EightBit => 2,
            Self::FourBitSuper | Self::FiveBitSuper | Self::SixBitSuper => 8,
        }
    }
}

/// What a block's arithmetic looks like, whatever its bits.
pub(super) trait Kind {
    /// Weights are signed (no minimum).
    const SIGNED: bool;
    /// Scales a block: one, or two for sixteen steps each.
    const HALVES: usize;
}

pub(super) struct WithMinimum;
impl Kind for WithMinimum {
    const SIGNED: bool = false;
    const HALVES: usize = 1;
}

pub(super) struct Signed;
impl Kind for Signed {
    const SIGNED: bool = true;
    const HALVES: usize = 1;
}

pub(super) struct SignedHalves;
impl Kind for SignedHalves {
    const SIGNED: bool = true;
    const HALVES: usize = 2;
}

/// Reading of one format. `tile` must point at a whole tile and `block` be below `BLOCKS`.
pub(super) trait Layout {
    type Kind: Kind;
    const BLOCKS: usize;
    const BYTES: usize;
    /// The block's eight groups, as the dot product takes them.
    unsafe fn weights<S: Simd>(tile: *const u8, block: usize) -> [S::Weights; GROUPS];
    /// The block's scales; the second is meaningful with two halves only.
    unsafe fn scales<S: Simd>(tile: *const u8, block: usize) -> [S::Floats; 2];
    /// What is added for each unit of the activations' sum.
    unsafe fn minimum<S: Simd>(tile: *const u8, block: usize) -> S::Floats;
}

/// Four 64-byte vectors of nibbles to eight groups.
#[inline(always)]
unsafe fn nibbles<S: Simd>(from: *const u8) -> [S::Weights; GROUPS] {
    // SAFETY: the caller's pointer covers 256 bytes.
    unsafe {
        let packed = [
            S::load_weights(from),
            S::load_weights(from.add(64)),
            S::load_weights(from.add(128)),
            S::load_weights(from.add(192)),
        ];
        [
            S::bits_right::<0>(packed[0], 15),
            S::bits_right::<4>(packed[0], 15),
            S::bits_right::<0>(packed[1], 15),
            S::bits_right::<4>(packed[1], 15),
            S::bits_right::<0>(packed[2], 15),
            S::bits_right::<4>(packed[2], 15),
            S::bits_right::<0>(packed[3], 15),
            S::bits_right::<4>(packed[3], 15),
        ]
    }
}

pub(super) struct FourBit;
impl FourBit {
    pub(super) const SCALES: usize = 0;
    pub(super) const WEIGHTS: usize = 64;
}
impl Layout for FourBit {
    type Kind = Signed;
    const BLOCKS: usize = 2;
    const BYTES: usize = 64 + 512;
    #[inline(always)]
    unsafe fn weights<S: Simd>(tile: *const u8, block: usize) -> [S::Weights; GROUPS] {
        // SAFETY: the offsets stay within the tile.
        unsafe {
            let mut groups = nibbles::<S>(tile.add(Self::WEIGHTS + block * 256));
            for group in &mut groups {
                *group = S::to_signed(*group, 8);
            }
            groups
        }
    }
    #[inline(always)]
    unsafe fn scales<S: Simd>(tile: *const u8, block: usize) -> [S::Floats; 2] {
        // SAFETY: the offsets stay within the tile.
        let scale = unsafe { S::load_half(tile.add(Self::SCALES + block * 32).cast()) };
        [scale, scale]
    }
    #[inline(always)]
    unsafe fn minimum<S: Simd>(_: *const u8, _: usize) -> S::Floats {
        // SAFETY: touches no memory.
        unsafe { S::splat(0.0) }
    }
}

pub(super) struct FourBitMin;
impl FourBitMin {
    pub(super) const SCALES: usize = 0;
    pub(super) const MINIMA: usize = 32;
    pub(super) const WEIGHTS: usize = 64;
}
impl Layout for FourBitMin {
    type Kind = WithMinimum;
    const BLOCKS: usize = 1;
    const BYTES: usize = 64 + 256;
    #[inline(always)]
    unsafe fn weights<S: Simd>(tile: *const u8, _: usize) -> [S::Weights; GROUPS] {
        // SAFETY: the offsets stay within the tile.
        unsafe { nibbles::<S>(tile.add(Self::WEIGHTS)) }
    }
    #[inline(always)]
    unsafe fn scales<S: Simd>(tile: *const u8, _: usize) -> [S::Floats; 2] {
        // SAFETY: the offsets stay within the tile.
        let scale = unsafe { S::load_half(tile.add(Self::SCALES).cast()) };
        [scale, scale]
    }
    #[inline(always)]
    unsafe fn minimum<S: Simd>(tile: *const u8, _: usize) -> S::Floats {
        // SAFETY: the offsets stay within the tile.
        unsafe { S::load_half(tile.add(Self::MINIMA).cast()) }
    }
}

pub(super) struct EightBit;
impl EightBit {
    pub(super) const SCALES: usize = 0;
    pub(super) const WEIGHTS: usize = 64;
    /// Weights are stored with this added, so as to be unsigned bytes.
    pub(super) const ZERO: u8 = 128;
}
impl Layout for EightBit {
    type Kind = Signed;
    const BLOCKS: usize = 2;
    const BYTES: usize = 64 + 1024;
    #[inline(always)]
    unsafe fn weights<S: Simd>(tile: *const u8, block: usize) -> [S::Weights; GROUPS] {
        // SAFETY: the offsets stay within the tile.
        unsafe {
            let from = tile.add(Self::WEIGHTS + block * 512);
            let mut groups = [S::load_weights(from); GROUPS];
            for (index, group) in groups.iter_mut().enumerate() {
                *group = S::to_signed(S::load_weights(from.add(index * 64)), Self::ZERO);
            }
            groups
        }
    }
    #[inline(always)]
    unsafe fn scales<S: Simd>(tile: *const u8, block: usize) -> [S::Floats; 2] {
        // SAFETY: the offsets stay within the tile.
        let scale = unsafe { S::load_half(tile.add(Self::SCALES + block * 32).cast()) };
        [scale, scale]
    }
    #[inline(always)]
    unsafe fn minimum<S: Simd>(_: *const u8, _: usize) -> S::Floats {
        // SAFETY: touches no memory.
        unsafe { S::splat(0.0) }
    }
}

/// The head of a tile with six-bit scales and minima: both super-scales, then eight times sixteen scales and minima.
pub(super) struct SuperHead;
impl SuperHead {
    pub(super) const SCALE: usize = 0;
    pub(super) const MINIMUM: usize = 32;
    pub(super) const SCALES: usize = 64;
    pub(super) const MINIMA: usize = 192;
    pub(super) const BYTES: usize = 320;

    #[inline(always)]
    unsafe fn scales<S: Simd>(tile: *const u8, block: usize) -> [S::Floats; 2] {
        // SAFETY: the offsets stay within the tile.
        unsafe {
            let whole = S::load_half(tile.add(Self::SCALE).cast());
            let scale = S::mul(whole, S::load_unsigned_bytes(tile.add(Self::SCALES + block * COLUMNS)));
            [scale, scale]
        }
    }
    #[inline(always)]
    unsafe fn minimum<S: Simd>(tile: *const u8, block: usize) -> S::Floats {
        // SAFETY: the offsets stay within the tile.
        unsafe {
            let whole = S::sub(S::splat(0.0), S::load_half(tile.add(Self::MINIMUM).cast()));
            S::mul(whole, S::load_unsigned_bytes(tile.add(Self::MINIMA + block * COLUMNS)))
        }
    }
}

pub(super) struct FourBitSuper;
impl FourBitSuper {
    pub(super) const BLOCK_BYTES: usize = 256;
}
impl Layout for FourBitSuper {
    type Kind = WithMinimum;
    const BLOCKS: usize = 8;
    const BYTES: usize = SuperHead::BYTES + 8 * Self::BLOCK_BYTES;
    #[inline(always)]
    unsafe fn weights<S: Simd>(tile: *const u8, block: usize) -> [S::Weights; GROUPS] {
        // SAFETY: the offsets stay within the tile.
        unsafe { nibbles::<S>(tile.add(SuperHead::BYTES + block * Self::BLOCK_BYTES)) }
    }
    #[inline(always)]
    unsafe fn scales<S: Simd>(tile: *const u8, block: usize) -> [S::Floats; 2] {
        // SAFETY: the caller's.
        unsafe { SuperHead::scales::<S>(tile, block) }
    }
    #[inline(always)]
    unsafe fn minimum<S: Simd>(tile: *const u8, block: usize) -> S::Floats {
        // SAFETY: the caller's.
        unsafe { SuperHead::minimum::<S>(tile, block) }
    }
}

/// As [`FourBitSuper`], with the fifth bits of a block in 64 bytes after its nibbles: bit `g` for group `g`.
pub(super) struct FiveBitSuper;
impl FiveBitSuper {
    pub(super) const BLOCK_BYTES: usize = 256 + 64;
}
impl Layout for FiveBitSuper {
    type Kind = WithMinimum;
    const BLOCKS: usize = 8;
    const BYTES: usize = SuperHead::BYTES + 8 * Self::BLOCK_BYTES;
    #[inline(always)]
    unsafe fn weights<S: Simd>(tile: *const u8, block: usize) -> [S::Weights; GROUPS] {
        // SAFETY: the offsets stay within the tile.
        unsafe {
            let from = tile.add(SuperHead::BYTES + block * Self::BLOCK_BYTES);
            let low = nibbles::<S>(from);
            let high = S::load_weights(from.add(256));
            [
                S::or(low[0], S::bits_left::<4>(high, 16)),
                S::or(low[1], S::bits_left::<3>(high, 16)),
                S::or(low[2], S::bits_left::<2>(high, 16)),
                S::or(low[3], S::bits_left::<1>(high, 16)),
                S::or(low[4], S::bits_right::<0>(high, 16)),
                S::or(low[5], S::bits_right::<1>(high, 16)),
                S::or(low[6], S::bits_right::<2>(high, 16)),
                S::or(low[7], S::bits_right::<3>(high, 16)),
            ]
        }
    }
    #[inline(always)]
    unsafe fn scales<S: Simd>(tile: *const u8, block: usize) -> [S::Floats; 2] {
        // SAFETY: the caller's.
        unsafe { SuperHead::scales::<S>(tile, block) }
    }
    #[inline(always)]
    unsafe fn minimum<S: Simd>(tile: *const u8, block: usize) -> S::Floats {
        // SAFETY: the caller's.
        unsafe { SuperHead::minimum::<S>(tile, block) }
    }
}

/// Sixteen times sixteen signed scales, the super-scale, then a block's nibbles and two times 64 bytes with the upper
/// two bits of groups 0..4 and 4..8.
pub(super) struct SixBitSuper;
impl SixBitSuper {
    pub(super) const SCALES: usize = 0;
    pub(super) const SCALE: usize = 256;
    pub(super) const HEAD_BYTES: usize = 320;
    pub(super) const BLOCK_BYTES: usize = 256 + 128;
}
impl Layout for SixBitSuper {
    type Kind = SignedHalves;
    const BLOCKS: usize = 8;
    const BYTES: usize = Self::HEAD_BYTES + 8 * Self::BLOCK_BYTES;
    #[inline(always)]
    unsafe fn weights<S: Simd>(tile: *const u8, block: usize) -> [S::Weights; GROUPS] {
        // SAFETY: the offsets stay within the tile.
        unsafe {
            let from = tile.add(Self::HEAD_BYTES + block * Self::BLOCK_BYTES);
            let low = nibbles::<S>(from);
            let high = [S::load_weights(from.add(256)), S::load_weights(from.add(320))];
            let mut groups = low;
            for half in 0..2 {
                let upper = [
                    S::bits_left::<4>(high[half], 48),
                    S::bits_left::<2>(high[half], 48),
                    S::bits_right::<0>(high[half], 48),
                    S::bits_right::<2>(high[half], 48),
                ];
                for (index, upper) in upper.into_iter().enumerate() {
                    let group = half * 4 + index;
                    groups[group] = S::to_signed(S::or(low[group], upper), 32);
                }
            }
            groups
        }
    }
    #[inline(always)]
    unsafe fn scales<S: Simd>(tile: *const u8, block: usize) -> [S::Floats; 2] {
        // SAFETY: the offsets stay within the tile.
        unsafe {
            let whole = S::load_half(tile.add(Self::SCALE).cast());
            let from = tile.add(Self::SCALES + block * 2 * COLUMNS);
            [
                S::mul(whole, S::load_signed_bytes(from)),
                S::mul(whole, S::load_signed_bytes(from.add(COLUMNS))),
            ]
        }
    }
    #[inline(always)]
    unsafe fn minimum<S: Simd>(_: *const u8, _: usize) -> S::Floats {
        // SAFETY: touches no memory.
        unsafe { S::splat(0.0) }
    }
}
