//! The few vector operations the kernels are written in, once for every instruction set. All vectors have
//! sixteen lanes, whatever the register width: an instruction set with narrower registers uses several.

/// An instruction set.
///
/// # Safety
/// Every method is `unsafe` for one reason, whatever implements it: the processor must have the instruction set's
/// features, and pointers must be valid for the sixteen (or, for weights, sixty-four) elements that are touched.
pub(super) trait Simd: Copy {
    /// Sixteen `f32`.
    type Floats: Copy;
    /// Sixteen `i32`.
    type Ints: Copy;
    /// Weights of sixteen columns by four steps of the inner dimension, one byte each, column after column.
    type Weights: Copy;
    /// Four consecutive activations, repeated for every column.
    type Quad: Copy;
    /// What is added to signed weights to make them fit the dot product's operand (128 where that is unsigned).
    const SIGNED_OFFSET: i32;

    unsafe fn splat(value: f32) -> Self::Floats;
    unsafe fn load(from: *const f32) -> Self::Floats;
    unsafe fn store(to: *mut f32, value: Self::Floats);
    unsafe fn load_half(from: *const u16) -> Self::Floats;
    unsafe fn store_half(to: *mut u16, value: Self::Floats);
    unsafe fn load_unsigned_bytes(from: *const u8) -> Self::Floats;
    unsafe fn load_signed_bytes(from: *const u8) -> Self::Floats;
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn min(a: Self::Floats, b: Self::Floats) -> Self::Floats;
    unsafe fn abs(a: Self::Floats) -> Self::Floats;
    /// `a * b + c`.
    unsafe fn mul_add(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats;
    /// Nearest whole number, ties to even.
    unsafe fn round(a: Self::Floats) -> Self::Floats;
    /// `a * 2^exponent` for whole exponents in -126..=127.
    unsafe fn scale_by_power_of_two(a: Self::Floats, exponent: Self::Floats) -> Self::Floats;
    /// `value` where `x` is above the threshold, else zero.
    unsafe fn keep_above(x: Self::Floats, threshold: f32, value: Self::Floats) -> Self::Floats;
    unsafe fn sum(a: Self::Floats) -> f32;
    unsafe fn maximum(a: Self::Floats) -> f32;

    unsafe fn splat_int(value: i32) -> Self::Ints;
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats;
    /// Rounds to nearest.
    unsafe fn to_ints(a: Self::Floats) -> Self::Ints;
    unsafe fn sum_ints(a: Self::Ints) -> i32;
    /// Stores the lowest byte of each lane: values must fit an `i8`.
    unsafe fn store_bytes(to: *mut i8, a: Self::Ints);
    /// Stores the lower half of each lane: values must fit an `i16`.
    unsafe fn store_words(to: *mut i16, a: Self::Ints);

    unsafe fn load_weights(from: *const u8) -> Self::Weights;
    unsafe fn store_weights(to: *mut u8, value: Self::Weights);
    /// Bits that are set in `mask` of each byte shifted right by `COUNT`.
    unsafe fn bits_right<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights;
    /// Bits that are set in `mask` of each byte shifted left by `COUNT`.
    unsafe fn bits_left<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights;
    unsafe fn or(a: Self::Weights, b: Self::Weights) -> Self::Weights;
    /// Subtracts `zero` from each byte, giving signed weights in the form [`Self::dot_signed`] takes.
    unsafe fn to_signed(a: Self::Weights, zero: u8) -> Self::Weights;

    unsafe fn load_quad(from: *const i8) -> Self::Quad;
    /// Adds to each lane the dot product of four weights in 0..=63 with the activations.
    unsafe fn dot_unsigned(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints;
    /// The same for signed weights; the result is too large by `SIGNED_OFFSET` times the activations' sum.
    unsafe fn dot_signed(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints;

    /// The same for pairs of sixteen-bit weights and activations, both signed; all sums must fit an `i32`.
    unsafe fn dot_pairs(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints;

    /// Asks for the memory at `from`, which need not be readable.
    #[inline(always)]
    unsafe fn prefetch(_from: *const u8) {}
}

/// `exp(x)` to about two units in the last place (Cephes' polynomial); exactly zero below -87.
#[inline(always)]
pub(super) unsafe fn exp<S: Simd>(x: S::Floats) -> S::Floats {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe {
        let bounded = S::min(S::max(x, S::splat(-87.0)), S::splat(88.0));
        let power = S::round(S::mul(bounded, S::splat(std::f32::consts::LOG2_E)));
        let rest = S::mul_add(power, S::splat(-0.693_359_375), bounded);
        let rest = S::mul_add(power, S::splat(2.121_944_4e-4), rest);
        let mut sum = S::splat(1.987_569_1e-4);
        for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_66, 0.5] {
            sum = S::mul_add(sum, rest, S::splat(coefficient));
        }
        let sum = S::add(S::mul_add(sum, S::mul(rest, rest), rest), S::splat(1.0));
        S::keep_above(x, -87.0, S::scale_by_power_of_two(sum, power))
    }
}
