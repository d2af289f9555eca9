//! The kernels of each instruction set behind plain function pointers, chosen once at run time.

use super::{
    activations::RowTargets,
    attention::{self, Head, QueryRow, Scores},
    elementwise::{self, Gate},
    encoder::{self, LayerNorm, TextHead},
    fixed::{self, FixedProduct, FixedTarget},
    format::{self, Format},
    matmul::{self, Panel, Product},
};

/// One instruction set's kernels. All are unsafe for the same reasons: the processor must have the features, and the
/// pointers must cover the shapes.
pub(super) struct Table {
    pub(super) quantize_row: unsafe fn(*const f32, usize, RowTargets),
    pub(super) norm_quantize_row: unsafe fn(*const f32, *const f32, usize, f32, RowTargets),
    pub(super) gate_quantize_row: unsafe fn(*const f32, *const f32, usize, Gate, RowTargets),
    pub(super) norm_row: unsafe fn(*mut f32, *const f32, usize, f32),
    pub(super) norm_add_row: unsafe fn(*const f32, *const f32, usize, f32, *mut f32),
    pub(super) product: unsafe fn(Format, &Product, usize, usize, &mut Panel),
    pub(super) attend: unsafe fn(Head, &mut [QueryRow], usize, usize, &mut Scores),
    pub(super) store_half: unsafe fn(*mut u16, *const f32, usize),
    pub(super) fix_row: unsafe fn(*const f32, usize, FixedTarget),
    pub(super) add_norm_row: unsafe fn(*mut f32, *const f32, &LayerNorm, FixedTarget),
    pub(super) gelu_row: unsafe fn(*mut f32, usize, FixedTarget),
    /// Tiles `from..to` for rows from the third number to the fourth.
    pub(super) fixed_product: unsafe fn(&FixedProduct, usize, usize, (usize, usize)),
    pub(super) attend_text: unsafe fn(&TextHead, &mut Vec<f32>),
}

/// The matrix product of each format, for tiles `from..to` of columns and all rows.
macro_rules! by_format {
    ($simd:ty, $features:tt, $tiles:literal, $rows:literal, $direct:literal, [$(($name:ident, $layout:ident)),+]) => {
        $(by_format!(@one $simd, $features, $tiles, $rows, $direct, $name, $layout);)+
    };
    (@one $simd:ty, [$($feature:literal)?], $tiles:literal, $rows:literal, $direct:literal, $name:ident, $layout:ident) => {
        unsafe fn $name(product: &Product, from: usize, to: usize, panel: &mut Panel) {
            $(#[target_feature(enable = $feature)])?
            unsafe fn tiles(product: &Product, tile: usize, panel: &mut Panel) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { matmul::panel_rows::<$simd, format::$layout, $tiles, $rows>(product, tile, panel) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn one_tile(product: &Product, tile: usize, panel: &mut Panel) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { matmul::panel_rows::<$simd, format::$layout, 1, $rows>(product, tile, panel) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn direct(product: &Product, tile: usize) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { matmul::direct_rows::<$simd, format::$layout, $direct>(product, tile) }
            }
            let mut tile = from;
            // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
            unsafe {
                if matmul::wants_panel(product.rows) {
                    while tile + $tiles <= to {
                        tiles(product, tile, panel);
                        tile += $tiles;
                    }
                    while tile < to {
                        one_tile(product, tile, panel);
                        tile += 1;
                    }
                }
                while tile < to {
                    direct(product, tile);
                    tile += 1;
                }
            }
        }
    };
}

/// Makes a table from the generic kernels. `$tiles` and `$rows` shape the panel product, `$direct` the product of a
/// few rows and the fixed-point product, `$keys` and `$values`
/// the attention kernels.
macro_rules! table {
    ($name:ident, $simd:ty, [$($feature:literal)?], $tiles:literal, $rows:literal, $direct:literal, $keys:literal, $values:literal) => {
        pub(super) static $name: Table = {
            $(#[target_feature(enable = $feature)])?
            unsafe fn quantize_row(from: *const f32, width: usize, to: RowTargets) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { elementwise::quantize_row::<$simd>(from, width, to) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn norm_quantize_row(
                from: *const f32, weights: *const f32, width: usize, epsilon: f32, to: RowTargets,
            ) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { elementwise::norm_quantize_row::<$simd>(from, weights, width, epsilon, to) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn gate_quantize_row(
                gates: *const f32, ups: *const f32, width: usize, gate: Gate, to: RowTargets,
            ) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe {
                    match gate {
                        Gate::Silu => elementwise::gate_quantize_row::<$simd>(gates, ups, width, Gate::Silu, to),
                        Gate::GeluTanh => {
                            elementwise::gate_quantize_row::<$simd>(gates, ups, width, Gate::GeluTanh, to);
                        }
                    }
                }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn norm_row(row: *mut f32, weights: *const f32, width: usize, epsilon: f32) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { elementwise::norm_row::<$simd>(row, weights, width, epsilon) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn norm_add_row(
                from: *const f32, weights: *const f32, width: usize, epsilon: f32, to: *mut f32,
            ) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { elementwise::norm_add_row::<$simd>(from, weights, width, epsilon, to) }
            }
            // A function of its own for each format and for panel and direct: one that held them all took the
            // compiler minutes.
            by_format!($simd, [$($feature)?], $tiles, $rows, $direct, [
                (four_bit, FourBit), (four_bit_min, FourBitMin), (eight_bit, EightBit),
                (four_bit_super, FourBitSuper), (five_bit_super, FiveBitSuper), (six_bit_super, SixBitSuper)
            ]);
            unsafe fn product(format: Format, product: &Product, from: usize, to: usize, panel: &mut Panel) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe {
                    match format {
                        Format::FourBit => four_bit(product, from, to, panel),
                        Format::FourBitMin => four_bit_min(product, from, to, panel),
                        Format::EightBit => eight_bit(product, from, to, panel),
                        Format::FourBitSuper => four_bit_super(product, from, to, panel),
                        Format::FiveBitSuper => five_bit_super(product, from, to, panel),
                        Format::SixBitSuper => six_bit_super(product, from, to, panel),
                    }
                }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn attend(head: Head, rows: &mut [QueryRow], from: usize, to: usize, scores: &mut Scores) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { attention::attend::<$simd, $keys, $values>(head, rows, from, to, scores) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn store_half(to: *mut u16, from: *const f32, width: usize) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe {
                    for at in (0..width).step_by(16) {
                        <$simd as super::simd::Simd>::store_half(
                            to.add(at),
                            <$simd as super::simd::Simd>::load(from.add(at)),
                        );
                    }
                }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn fix_row(from: *const f32, width: usize, to: FixedTarget) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { fixed::fix_row::<$simd>(from, width, to) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn add_norm_row(state: *mut f32, added: *const f32, norm: &LayerNorm, to: FixedTarget) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { encoder::add_norm_row::<$simd>(state, added, norm, to) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn gelu_row(row: *mut f32, width: usize, to: FixedTarget) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { encoder::gelu_row::<$simd>(row, width, to) }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn fixed_product(product: &FixedProduct, from: usize, to: usize, rows: (usize, usize)) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe {
                    let mut tile = from;
                    while tile + $tiles <= to {
                        fixed::tiles_and_rows::<$simd, $tiles, $direct>(product, tile, rows);
                        tile += $tiles;
                    }
                    while tile < to {
                        fixed::tiles_and_rows::<$simd, 1, $direct>(product, tile, rows);
                        tile += 1;
                    }
                }
            }
            $(#[target_feature(enable = $feature)])?
            unsafe fn attend_text(head: &TextHead, scratch: &mut Vec<f32>) {
                // SAFETY: this table serves only processors with these instructions; the caller checked the shapes.
                unsafe { encoder::attend_text::<$simd, $tiles, $rows>(head, scratch) }
            }
            Table {
                quantize_row,
                norm_quantize_row,
                gate_quantize_row,
                norm_row,
                norm_add_row,
                product,
                attend,
                store_half,
                fix_row,
                add_norm_row,
                gelu_row,
                fixed_product,
                attend_text,
            }
        };
    };
}

table!(SCALAR, super::scalar::Scalar, [], 1, 2, 2, 1, 1);
#[cfg(target_arch = "x86_64")]
table!(
    AVX512,
    super::avx512::Avx512,
    ["avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"],
    2,
    6,
    8,
    4,
    4
);
#[cfg(target_arch = "x86_64")]
table!(AVX2_VNNI, super::avx2::Avx2<true>, ["avx2,fma,f16c,avxvnni"], 1, 3, 3, 1, 1);
#[cfg(target_arch = "x86_64")]
table!(AVX2, super::avx2::Avx2<false>, ["avx2,fma,f16c"], 1, 3, 3, 1, 1);
#[cfg(target_arch = "aarch64")]
table!(NEON_DOT, super::neon::Neon<true>, ["neon,dotprod"], 1, 3, 3, 1, 1);
#[cfg(target_arch = "aarch64")]
table!(NEON, super::neon::Neon<false>, ["neon"], 1, 3, 3, 1, 1);
