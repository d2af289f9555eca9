//! Products of packed matrices and quantized activations, written once over [`Simd`] and [`Layout`].
//!
//! Few rows: weights are unpacked in registers and used for all rows at once (the memory is the bound). Many rows:
//! some tiles are unpacked once into a panel that fits the cache and used for all rows (the arithmetic is the bound).
//! Both add up in the same order: a row's result does not depend, to the bit, on how many rows go with it.

use super::{
    format::{BLOCK, COLUMNS, GROUPS, Kind, Layout},
    simd::Simd,
};

/// Rows up to which weights are unpacked anew for each handful of rows.
pub(super) const DIRECT_ROWS: usize = 32;
/// Blocks of the inner dimension in a panel: 64 KiB of unpacked weights a tile.
const PANEL_BLOCKS: usize = 64;
/// How far ahead weights are fetched. The processor's own prefetcher stops at the end of each page.
const PREFETCH_BYTES: usize = 3072;
/// Tiles in a panel, at most.
const PANEL_TILES: usize = 2;

/// One product: columns `tiles * 16` of a matrix for all rows.
#[derive(Clone, Copy)]
pub(super) struct Product {
    /// First tile of the matrix.
    pub(super) matrix: *const u8,
    /// Tiles along the inner dimension.
    pub(super) depth: usize,
    /// Columns of the matrix; the last tile may be partly filled.
    pub(super) columns: usize,
    pub(super) quants: *const i8,
    pub(super) scales: *const f32,
    pub(super) sums: *const f32,
    pub(super) starts: *const i32,
    /// Blocks of an activation row.
    pub(super) blocks: usize,
    pub(super) rows: usize,
    /// The first row's value of the matrix's first column.
    pub(super) out: *mut f32,
    /// From one row's value to the next row's.
    pub(super) stride: usize,
    /// Add to what is there.
    pub(super) accumulate: bool,
}

#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

/// Unpacked weights of some tiles and a stretch of the inner dimension.
pub(super) struct Panel {
    /// `[block][group][tile]`.
    weights: Vec<Line>,
    /// `[block][half][tile][column]`.
    scales: Vec<f32>,
    /// `[block][tile][column]`.
    minima: Vec<f32>,
}

impl Panel {
    pub(super) fn new() -> Self {
        Self {
            weights: vec![Line([0; 64]); PANEL_BLOCKS * GROUPS * PANEL_TILES],
            scales: vec![0.0; PANEL_BLOCKS * 2 * PANEL_TILES * COLUMNS],
            minima: vec![0.0; PANEL_BLOCKS * PANEL_TILES * COLUMNS],
        }
    }
}

/// What a row's sixteen columns start from: zero, or what is there.
#[inline(always)]
unsafe fn begin<S: Simd>(out: *const f32, columns: usize, accumulate: bool) -> S::Floats {
    // SAFETY: the caller's pointer covers `columns` values.
    unsafe {
        if !accumulate {
            S::splat(0.0)
        } else if columns >= COLUMNS {
            S::load(out)
        } else {
            let mut values = [0.0; COLUMNS];
            std::ptr::copy_nonoverlapping(out, values.as_mut_ptr(), columns);
            S::load(values.as_ptr())
        }
    }
}

/// Stores sixteen columns of a row, or as many as the matrix has.
#[inline(always)]
unsafe fn finish<S: Simd>(out: *mut f32, columns: usize, value: S::Floats) {
    // SAFETY: the caller's pointer covers `columns` values.
    unsafe {
        if columns >= COLUMNS {
            S::store(out, value);
        } else {
            let mut values = [0.0; COLUMNS];
            S::store(values.as_mut_ptr(), value);
            std::ptr::copy_nonoverlapping(values.as_ptr(), out, columns);
        }
    }
}

/// One tile of columns for `ROWS` rows from `row`.
#[inline(always)]
unsafe fn direct<S: Simd, L: Layout, const ROWS: usize>(product: &Product, tile: usize, row: usize) {
    // SAFETY: the caller checked the product's shape; tile and rows lie within it.
    unsafe {
        let p = *product;
        let columns = p.columns - tile * COLUMNS;
        let out = p.out.add(row * p.stride + tile * COLUMNS);
        let mut totals = [S::splat(0.0); ROWS];
        for (r, total) in totals.iter_mut().enumerate() {
            *total = begin::<S>(out.add(r * p.stride), columns, p.accumulate);
        }
        let first = p.matrix.add(tile * p.depth * L::BYTES);
        let quants = p.quants.add(row * p.blocks * BLOCK);
        let cells = row * p.blocks;
        for step in 0..p.depth {
            let tile = first.add(step * L::BYTES);
            for inner in 0..L::BLOCKS {
                let block = step * L::BLOCKS + inner;
                let ahead = tile.wrapping_add(inner * (L::BYTES / L::BLOCKS) + PREFETCH_BYTES);
                for line in (0..L::BYTES / L::BLOCKS).step_by(64) {
                    S::prefetch(ahead.wrapping_add(line));
                }
                let weights = L::weights::<S>(tile, inner);
                let scales = L::scales::<S>(tile, inner);
                for r in 0..ROWS {
                    let cell = cells + r * p.blocks + block;
                    let quants = quants.add((r * p.blocks + block) * BLOCK);
                    let scale = S::splat(*p.scales.add(cell));
                    if L::Kind::HALVES == 2 {
                        let mut sum = S::splat_int(*p.starts.add(cell * 4));
                        for (group, weights) in weights.iter().enumerate().take(4) {
                            sum = S::dot_signed(sum, *weights, S::load_quad(quants.add(group * 4)));
                        }
                        let mut second = S::splat_int(*p.starts.add(cell * 4 + 1));
                        for (group, weights) in weights.iter().enumerate().skip(4) {
                            second = S::dot_signed(second, *weights, S::load_quad(quants.add(group * 4)));
                        }
                        totals[r] = S::mul_add(S::mul(S::to_floats(sum), scale), scales[0], totals[r]);
                        totals[r] = S::mul_add(S::mul(S::to_floats(second), scale), scales[1], totals[r]);
                    } else {
                        let mut sum =
                            S::splat_int(if L::Kind::SIGNED { *p.starts.add(cell * 4 + 2) } else { 0 });
                        for (group, weights) in weights.iter().enumerate() {
                            let quad = S::load_quad(quants.add(group * 4));
                            sum = if L::Kind::SIGNED {
                                S::dot_signed(sum, *weights, quad)
                            } else {
                                S::dot_unsigned(sum, *weights, quad)
                            };
                        }
                        totals[r] = S::mul_add(S::mul(S::to_floats(sum), scale), scales[0], totals[r]);
                        if !L::Kind::SIGNED {
                            let minimum = L::minimum::<S>(tile, inner);
                            totals[r] = S::mul_add(minimum, S::splat(*p.sums.add(cell)), totals[r]);
                        }
                    }
                }
            }
        }
        for (r, total) in totals.into_iter().enumerate() {
            finish::<S>(out.add(r * p.stride), columns, total);
        }
    }
}

/// Unpacks blocks `from..to` of `TILES` tiles.
#[inline(always)]
unsafe fn unpack<S: Simd, L: Layout, const TILES: usize>(
    product: &Product,
    tile: usize,
    from: usize,
    to: usize,
    panel: &mut Panel,
) {
    // SAFETY: tiles and blocks lie within the matrix, and the panel holds `PANEL_BLOCKS` blocks of `PANEL_TILES` tiles.
    unsafe {
        let weights = panel.weights.as_mut_ptr().cast::<u8>();
        for block in from..to {
            let at = block - from;
            for t in 0..TILES {
                let tile = product.matrix.add(((tile + t) * product.depth + block / L::BLOCKS) * L::BYTES);
                let inner = block % L::BLOCKS;
                for (group, value) in L::weights::<S>(tile, inner).into_iter().enumerate() {
                    S::store_weights(weights.add(((at * GROUPS + group) * TILES + t) * 64), value);
                }
                let scales = L::scales::<S>(tile, inner);
                for half in 0..L::Kind::HALVES {
                    let at = ((at * L::Kind::HALVES + half) * TILES + t) * COLUMNS;
                    S::store(panel.scales.as_mut_ptr().add(at), scales[half]);
                }
                if !L::Kind::SIGNED {
                    let at = (at * TILES + t) * COLUMNS;
                    S::store(panel.minima.as_mut_ptr().add(at), L::minimum::<S>(tile, inner));
                }
            }
        }
    }
}

/// The panel's blocks (`from..from + blocks` of the inner dimension) for `ROWS` rows from `row`.
#[inline(always)]
unsafe fn from_panel<S: Simd, K: Kind, const TILES: usize, const ROWS: usize>(
    product: &Product,
    panel: &Panel,
    tile: usize,
    from: usize,
    blocks: usize,
    row: usize,
) {
    // SAFETY: as for `direct` and `unpack`.
    unsafe {
        let p = *product;
        let weights = panel.weights.as_ptr().cast::<u8>();
        let accumulate = p.accumulate || from > 0;
        let mut totals = [[S::splat(0.0); TILES]; ROWS];
        for (r, totals) in totals.iter_mut().enumerate() {
            for (t, total) in totals.iter_mut().enumerate() {
                let column = (tile + t) * COLUMNS;
                *total = begin::<S>(p.out.add((row + r) * p.stride + column), p.columns - column, accumulate);
            }
        }
        let groups = GROUPS / K::HALVES;
        for at in 0..blocks {
            let first = row * p.blocks + from + at;
            for half in 0..K::HALVES {
                let mut sums = [[S::splat_int(0); TILES]; ROWS];
                if K::SIGNED && S::SIGNED_OFFSET != 0 {
                    let which = if K::HALVES == 2 { half } else { 2 };
                    for (r, sums) in sums.iter_mut().enumerate() {
                        *sums = [S::splat_int(*p.starts.add((first + r * p.blocks) * 4 + which)); TILES];
                    }
                }
                for group in half * groups..(half + 1) * groups {
                    let mut columns =
                        [S::load_weights(weights.add((at * GROUPS + group) * TILES * 64)); TILES];
                    for (t, columns) in columns.iter_mut().enumerate().skip(1) {
                        *columns = S::load_weights(weights.add(((at * GROUPS + group) * TILES + t) * 64));
                    }
                    for r in 0..ROWS {
                        let quad = S::load_quad(p.quants.add((first + r * p.blocks) * BLOCK + group * 4));
                        for t in 0..TILES {
                            sums[r][t] = if K::SIGNED {
                                S::dot_signed(sums[r][t], columns[t], quad)
                            } else {
                                S::dot_unsigned(sums[r][t], columns[t], quad)
                            };
                        }
                    }
                }
                for t in 0..TILES {
                    let scales =
                        S::load(panel.scales.as_ptr().add(((at * K::HALVES + half) * TILES + t) * COLUMNS));
                    for r in 0..ROWS {
                        let scale = S::splat(*p.scales.add(first + r * p.blocks));
                        let value = S::mul(S::to_floats(sums[r][t]), scale);
                        totals[r][t] = S::mul_add(value, scales, totals[r][t]);
                    }
                }
            }
            if !K::SIGNED {
                for t in 0..TILES {
                    let minima = S::load(panel.minima.as_ptr().add((at * TILES + t) * COLUMNS));
                    for r in 0..ROWS {
                        let sum = S::splat(*p.sums.add(first + r * p.blocks));
                        totals[r][t] = S::mul_add(minima, sum, totals[r][t]);
                    }
                }
            }
        }
        for (r, totals) in totals.into_iter().enumerate() {
            for (t, total) in totals.into_iter().enumerate() {
                let column = (tile + t) * COLUMNS;
                finish::<S>(p.out.add((row + r) * p.stride + column), p.columns - column, total);
            }
        }
    }
}

/// One tile of columns for all rows, at most `MOST` rows at a time and as evenly as can be: a second handful costs unpacking
/// the weights again. Conditions on `MOST` are settled at compile time: kernels for more rows than an instruction set has
/// registers for are never built.
#[inline(always)]
pub(super) unsafe fn direct_rows<S: Simd, L: Layout, const MOST: usize>(product: &Product, tile: usize) {
    // SAFETY: the caller's.
    unsafe {
        let handfuls = product.rows.div_ceil(MOST);
        let mut row = 0;
        for index in 0..handfuls {
            let rows = (product.rows - row).div_ceil(handfuls - index);
            match rows {
                8 if MOST >= 8 => direct::<S, L, 8>(product, tile, row),
                7 if MOST >= 7 => direct::<S, L, 7>(product, tile, row),
                6 if MOST >= 6 => direct::<S, L, 6>(product, tile, row),
                5 if MOST >= 5 => direct::<S, L, 5>(product, tile, row),
                4 if MOST >= 4 => direct::<S, L, 4>(product, tile, row),
                3 if MOST >= 3 => direct::<S, L, 3>(product, tile, row),
                2 => direct::<S, L, 2>(product, tile, row),
                _ => direct::<S, L, 1>(product, tile, row),
            }
            row += rows;
        }
    }
}

/// `TILES` tiles of columns for all rows, from weights unpacked into the panel.
#[inline(always)]
pub(super) unsafe fn panel_rows<S: Simd, L: Layout, const TILES: usize, const ROWS: usize>(
    product: &Product,
    tile: usize,
    panel: &mut Panel,
) {
    // SAFETY: the caller's.
    unsafe {
        let depth = product.depth * L::BLOCKS;
        let mut from = 0;
        while from < depth {
            let to = (from + PANEL_BLOCKS).min(depth);
            unpack::<S, L, TILES>(product, tile, from, to, panel);
            let mut row = 0;
            while row + ROWS <= product.rows {
                from_panel::<S, L::Kind, TILES, ROWS>(product, panel, tile, from, to - from, row);
                row += ROWS;
            }
            while row < product.rows {
                if product.rows - row >= 2 {
                    from_panel::<S, L::Kind, TILES, 2>(product, panel, tile, from, to - from, row);
                    row += 2;
                } else {
                    from_panel::<S, L::Kind, TILES, 1>(product, panel, tile, from, to - from, row);
                    row += 1;
                }
            }
            from = to;
        }
    }
}

/// Whether so many rows are worth a panel: weights unpacked once and used for all of them.
pub(super) fn wants_panel(rows: usize) -> bool {
    rows > DIRECT_ROWS
}
