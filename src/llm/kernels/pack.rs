//! Repacking of GGUF's quantization blocks into tiles (`format`). Pure byte shuffling, no `unsafe`.
//! The blocks are those of ggml's `k_quants`; the inner dimension of a tile's rows is contiguous in the file.

use super::format::{
    BLOCK, COLUMNS, EightBit, FiveBitSuper, Format, FourBit, FourBitMin, FourBitSuper, GROUPS, Layout,
    SixBitSuper, SuperHead,
};
use half::f16;

/// Bytes of one block of the file's format, and the steps it covers.
pub(super) fn file_block(format: Format) -> (usize, usize) {
    match format {
        Format::FourBit => (18, 32),
        Format::FourBitMin => (20, 32),
        Format::EightBit => (34, 32),
        Format::FourBitSuper => (144, 256),
        Format::FiveBitSuper => (176, 256),
        Format::SixBitSuper => (210, 256),
    }
}

/// Packs up to sixteen rows of the file (`rows`, each of `row_bytes`) into `tiles`, which must be zeroed.
pub(super) fn pack_rows(format: Format, rows: &[u8], row_bytes: usize, tiles: &mut [u8]) {
    let (block_bytes, _) = file_block(format);
    let tile_bytes = format.tile_bytes();
    for (column, row) in rows.chunks_exact(row_bytes).enumerate() {
        for (index, block) in row.chunks_exact(block_bytes).enumerate() {
            match format {
                Format::FourBit => {
                    let tile = &mut tiles[index / 2 * tile_bytes..][..tile_bytes];
                    four_bit(block, column, index % 2, tile);
                }
                Format::EightBit => {
                    let tile = &mut tiles[index / 2 * tile_bytes..][..tile_bytes];
                    eight_bit(block, column, index % 2, tile);
                }
                _ => {
                    let tile = &mut tiles[index * tile_bytes..][..tile_bytes];
                    match format {
                        Format::FourBitMin => four_bit_min(block, column, tile),
                        Format::FourBitSuper => four_bit_super(block, column, tile),
                        Format::FiveBitSuper => five_bit_super(block, column, tile),
                        _ => six_bit_super(block, column, tile),
                    }
                }
            }
        }
    }
}

/// Quantizes `rows` (each of `width` values) to eight bits and packs them. `tiles` must be zeroed.
pub(super) fn pack_floats(rows: &[f32], width: usize, tiles: &mut [u8]) {
    for (column, row) in rows.chunks_exact(width).enumerate() {
        for (index, values) in row.chunks(BLOCK).enumerate() {
            let largest = values.iter().fold(0.0_f32, |largest, value| largest.max(value.abs()));
            let scale = f16::from_f32(largest / 127.0);
            let inverse = if scale.to_f32() > 0.0 { 1.0 / scale.to_f32() } else { 0.0 };
            let mut block = [0_u8; 34];
            block[..2].copy_from_slice(&scale.to_le_bytes());
            for (byte, value) in block[2..].iter_mut().zip(values) {
                *byte = (value * inverse).round().clamp(-127.0, 127.0) as i8 as u8;
            }
            let tile = &mut tiles[index / 2 * EightBit::BYTES..][..EightBit::BYTES];
            eight_bit(&block, column, index % 2, tile);
        }
    }
}

fn put(tile: &mut [u8], at: usize, bytes: &[u8]) {
    tile[at..at + bytes.len()].copy_from_slice(bytes);
}

fn eight_bytes(from: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&from[..8]);
    u64::from_le_bytes(bytes)
}

/// Eight steps, one nibble a byte, to the four bytes of a group pair: the first four steps low, the others high.
fn pair(nibbles: u64) -> [u8; 4] {
    ((nibbles as u32) | ((nibbles >> 32) as u32) << 4).to_le_bytes()
}

const LOW: u64 = 0x0f0f_0f0f_0f0f_0f0f;

/// ggml's four-bit block of 32: byte `j` holds step `j` low and step `j + 16` high.
fn nibble_block(bytes: &[u8], column: usize, weights: &mut [u8]) {
    for half in 0..2 {
        let from = eight_bytes(&bytes[half * 8..]);
        put(weights, half * 64 + column * 4, &pair(from & LOW));
        put(weights, (half + 2) * 64 + column * 4, &pair(from >> 4 & LOW));
    }
}

fn four_bit(block: &[u8], column: usize, index: usize, tile: &mut [u8]) {
    put(tile, FourBit::SCALES + index * 32 + column * 2, &block[..2]);
    nibble_block(&block[2..], column, &mut tile[FourBit::WEIGHTS + index * 256..]);
}

fn four_bit_min(block: &[u8], column: usize, tile: &mut [u8]) {
    put(tile, FourBitMin::SCALES + column * 2, &block[..2]);
    put(tile, FourBitMin::MINIMA + column * 2, &block[2..4]);
    nibble_block(&block[4..], column, &mut tile[FourBitMin::WEIGHTS..]);
}

fn eight_bit(block: &[u8], column: usize, index: usize, tile: &mut [u8]) {
    put(tile, EightBit::SCALES + index * 32 + column * 2, &block[..2]);
    for group in 0..GROUPS {
        for step in 0..4 {
            tile[EightBit::WEIGHTS + index * 512 + group * 64 + column * 4 + step] =
                block[2 + group * 4 + step] ^ EightBit::ZERO;
        }
    }
}

/// The six-bit scale and minimum of one of eight blocks (ggml's `get_scale_min_k4`).
fn six_bit_scale(packed: &[u8], index: usize) -> (u8, u8) {
    if index < 4 {
        (packed[index] & 63, packed[index + 4] & 63)
    } else {
        (
            packed[index + 4] & 15 | packed[index - 4] >> 6 << 4,
            packed[index + 4] >> 4 | packed[index] >> 6 << 4,
        )
    }
}

fn super_head(block: &[u8], column: usize, tile: &mut [u8]) {
    put(tile, SuperHead::SCALE + column * 2, &block[..2]);
    put(tile, SuperHead::MINIMUM + column * 2, &block[2..4]);
    for index in 0..8 {
        let (scale, minimum) = six_bit_scale(&block[4..16], index);
        tile[SuperHead::SCALES + index * COLUMNS + column] = scale;
        tile[SuperHead::MINIMA + index * COLUMNS + column] = minimum;
    }
}

/// ggml's 128 bytes of nibbles of a superblock: 32 bytes hold two blocks, one low and one high.
fn super_nibbles(bytes: &[u8], column: usize, stride: usize, blocks: &mut [u8]) {
    for (couple, bytes) in bytes.chunks_exact(32).enumerate() {
        for group in 0..4 {
            let from = eight_bytes(&bytes[group * 8..]);
            let at = group * 64 + column * 4;
            put(blocks, 2 * couple * stride + at, &pair(from & LOW));
            put(blocks, (2 * couple + 1) * stride + at, &pair(from >> 4 & LOW));
        }
    }
}

fn four_bit_super(block: &[u8], column: usize, tile: &mut [u8]) {
    super_head(block, column, tile);
    super_nibbles(&block[16..144], column, FourBitSuper::BLOCK_BYTES, &mut tile[SuperHead::BYTES..]);
}

fn five_bit_super(block: &[u8], column: usize, tile: &mut [u8]) {
    super_head(block, column, tile);
    let blocks = &mut tile[SuperHead::BYTES..];
    super_nibbles(&block[48..176], column, FiveBitSuper::BLOCK_BYTES, blocks);
    // Byte `step` of the high bits holds that step's fifth bit of all eight blocks.
    for (step, bits) in block[16..48].iter().enumerate() {
        for index in 0..8 {
            blocks[index * FiveBitSuper::BLOCK_BYTES + 256 + column * 4 + step % 4] |=
                (bits >> index & 1) << (step / 4);
        }
    }
}

fn six_bit_super(block: &[u8], column: usize, tile: &mut [u8]) {
    let (low, high, scales) = (&block[..128], &block[128..192], &block[192..208]);
    for (index, scale) in scales.iter().enumerate() {
        tile[SixBitSuper::SCALES + index * COLUMNS + column] = *scale;
    }
    put(tile, SixBitSuper::SCALE + column * 2, &block[208..210]);
    let blocks = &mut tile[SixBitSuper::HEAD_BYTES..];
    for index in 0..8 {
        // Halves of 128 steps; in each, two runs of 32 bytes hold blocks 0 and 1 low, 2 and 3 high.
        let (half, quarter) = (index / 4, index % 4);
        let low = &low[half * 64 + quarter % 2 * 32..][..32];
        let high = &high[half * 32..][..32];
        let to = &mut blocks[index * SixBitSuper::BLOCK_BYTES..][..SixBitSuper::BLOCK_BYTES];
        for group in 0..4 {
            let nibbles = eight_bytes(&low[group * 8..]) >> (quarter / 2 * 4) & LOW;
            put(to, group * 64 + column * 4, &pair(nibbles));
        }
        for half in 0..2 {
            let mut packed = 0;
            for group in 0..4 {
                let from = &high[half * 16 + group * 4..][..4];
                let bits =
                    u32::from_le_bytes([from[0], from[1], from[2], from[3]]) >> (quarter * 2) & 0x0303_0303;
                packed |= bits << (group * 2);
            }
            put(to, 256 + half * 64 + column * 4, &packed.to_le_bytes());
        }
    }
}
