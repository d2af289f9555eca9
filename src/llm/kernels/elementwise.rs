//! Row operations fused with the quantization that follows them: norms, gated activations. Written once over [`Simd`].

use super::{
    activations::RowTargets,
    format::BLOCK,
    simd::{Simd, exp},
};

/// How the gate of a feed-forward layer is squashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// `x * sigmoid(x)`.
    Silu,
    /// GELU's tanh form.
    GeluTanh,
}

/// Quantizes one block of two vectors.
#[inline(always)]
unsafe fn quantize_block<S: Simd>(a: S::Floats, b: S::Floats, to: RowTargets, block: usize) {
    // SAFETY: the caller's block lies within the row.
    unsafe {
        let largest = S::maximum(S::max(S::abs(a), S::abs(b)));
        let inverse = S::splat(if largest > 0.0 { 127.0 / largest } else { 0.0 });
        let scale = largest / 127.0;
        let (a, b) = (S::to_ints(S::mul(a, inverse)), S::to_ints(S::mul(b, inverse)));
        S::store_bytes(to.quants.add(block * BLOCK), a);
        S::store_bytes(to.quants.add(block * BLOCK + 16), b);
        let (first, second) = (S::sum_ints(a), S::sum_ints(b));
        *to.scales.add(block) = scale;
        *to.sums.add(block) = scale * (first + second) as f32;
        let starts = to.starts.add(block * 4);
        *starts = -S::SIGNED_OFFSET * first;
        *starts.add(1) = -S::SIGNED_OFFSET * second;
        *starts.add(2) = -S::SIGNED_OFFSET * (first + second);
    }
}

/// Quantizes a row of `width` values, a multiple of 32.
#[inline(always)]
pub(super) unsafe fn quantize_row<S: Simd>(from: *const f32, width: usize, to: RowTargets) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        for block in 0..width / BLOCK {
            let from = from.add(block * BLOCK);
            quantize_block::<S>(S::load(from), S::load(from.add(16)), to, block);
        }
    }
}

/// The factor of a row's root-mean-square norm.
#[inline(always)]
pub(super) unsafe fn norm_factor<S: Simd>(from: *const f32, width: usize, epsilon: f32) -> f32 {
    // SAFETY: the caller's pointer covers the row.
    unsafe {
        let mut sums = [S::splat(0.0); 2];
        for at in (0..width).step_by(BLOCK) {
            let (a, b) = (S::load(from.add(at)), S::load(from.add(at + 16)));
            sums = [S::mul_add(a, a, sums[0]), S::mul_add(b, b, sums[1])];
        }
        1.0 / (S::sum(S::add(sums[0], sums[1])) / width as f32 + epsilon).sqrt()
    }
}

/// Norm, weights and quantization in one pass.
#[inline(always)]
pub(super) unsafe fn norm_quantize_row<S: Simd>(
    from: *const f32,
    weights: *const f32,
    width: usize,
    epsilon: f32,
    to: RowTargets,
) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        let factor = S::splat(norm_factor::<S>(from, width, epsilon));
        for block in 0..width / BLOCK {
            let at = block * BLOCK;
            let a = S::mul(S::mul(S::load(from.add(at)), factor), S::load(weights.add(at)));
            let b = S::mul(S::mul(S::load(from.add(at + 16)), factor), S::load(weights.add(at + 16)));
            quantize_block::<S>(a, b, to, block);
        }
    }
}

/// Norm and weights in place; `width` is a multiple of 32.
#[inline(always)]
pub(super) unsafe fn norm_row<S: Simd>(row: *mut f32, weights: *const f32, width: usize, epsilon: f32) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        let factor = S::splat(norm_factor::<S>(row, width, epsilon));
        for at in (0..width).step_by(16) {
            let value = S::mul(S::mul(S::load(row.add(at)), factor), S::load(weights.add(at)));
            S::store(row.add(at), value);
        }
    }
}

/// `to += norm(from) * weights`.
#[inline(always)]
pub(super) unsafe fn norm_add_row<S: Simd>(
    from: *const f32,
    weights: *const f32,
    width: usize,
    epsilon: f32,
    to: *mut f32,
) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        let factor = S::splat(norm_factor::<S>(from, width, epsilon));
        for at in (0..width).step_by(16) {
            let value = S::mul(S::load(from.add(at)), factor);
            S::store(to.add(at), S::mul_add(value, S::load(weights.add(at)), S::load(to.add(at))));
        }
    }
}

#[inline(always)]
unsafe fn squash<S: Simd>(x: S::Floats, gate: Gate) -> S::Floats {
    // SAFETY: touches no memory.
    unsafe {
        // GELU's tanh form is x * sigmoid(2 * sqrt(2 / pi) * (x + 0.044715 x^3)).
        let inner = match gate {
            Gate::Silu => x,
            Gate::GeluTanh => {
                let cube = S::mul(S::mul(x, x), x);
                S::mul(S::splat(1.595_769_1), S::mul_add(cube, S::splat(0.044_715), x))
            }
        };
        let e = exp::<S>(S::sub(S::splat(0.0), inner));
        S::div(x, S::add(S::splat(1.0), e))
    }
}

/// Squashes the gate, multiplies by the other half and quantizes. Both halves have `width` values, a multiple of 32.
#[inline(always)]
pub(super) unsafe fn gate_quantize_row<S: Simd>(
    gates: *const f32,
    ups: *const f32,
    width: usize,
    gate: Gate,
    to: RowTargets,
) {
    // SAFETY: the caller's pointers cover the row.
    unsafe {
        for block in 0..width / BLOCK {
            let at = block * BLOCK;
            let a = S::mul(squash::<S>(S::load(gates.add(at)), gate), S::load(ups.add(at)));
            let b = S::mul(squash::<S>(S::load(gates.add(at + 16)), gate), S::load(ups.add(at + 16)));
            quantize_block::<S>(a, b, to, block);
        }
    }
}
