//! Plain Rust: the fallback for any processor, and the reference the other instruction sets are tested against.

use super::simd::Simd;
use half::f16;

#[derive(Clone, Copy)]
pub(super) struct Scalar;

const LANES: usize = 16;

#[inline]
fn zip(a: [f32; LANES], b: [f32; LANES], f: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    std::array::from_fn(|lane| f(a[lane], b[lane]))
}

// SAFETY of every block below: the trait's contract, the caller's pointers cover what is touched.
impl Simd for Scalar {
    type Floats = [f32; LANES];
    type Ints = [i32; LANES];
    type Weights = [u8; 64];
    type Quad = [i8; 4];
    const SIGNED_OFFSET: i32 = 0;

    #[inline]
    unsafe fn splat(value: f32) -> Self::Floats {
        [value; LANES]
    }
    #[inline]
    unsafe fn load(from: *const f32) -> Self::Floats {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { from.cast::<[f32; LANES]>().read_unaligned() }
    }
    #[inline]
    unsafe fn store(to: *mut f32, value: Self::Floats) {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { to.cast::<[f32; LANES]>().write_unaligned(value) }
    }
    #[inline]
    unsafe fn load_half(from: *const u16) -> Self::Floats {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        let bits = unsafe { from.cast::<[u16; LANES]>().read_unaligned() };
        bits.map(|bits| f16::from_bits(bits).to_f32())
    }
    #[inline]
    unsafe fn store_half(to: *mut u16, value: Self::Floats) {
        let bits = value.map(|value| f16::from_f32(value).to_bits());
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { to.cast::<[u16; LANES]>().write_unaligned(bits) }
    }
    #[inline]
    unsafe fn load_unsigned_bytes(from: *const u8) -> Self::Floats {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { from.cast::<[u8; LANES]>().read() }.map(f32::from)
    }
    #[inline]
    unsafe fn load_signed_bytes(from: *const u8) -> Self::Floats {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { from.cast::<[i8; LANES]>().read() }.map(f32::from)
    }
    #[inline]
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        zip(a, b, |a, b| a + b)
    }
    #[inline]
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        zip(a, b, |a, b| a - b)
    }
    #[inline]
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        zip(a, b, |a, b| a * b)
    }
    #[inline]
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        zip(a, b, |a, b| a / b)
    }
    #[inline]
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        zip(a, b, f32::max)
    }
    #[inline]
    unsafe fn min(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        zip(a, b, f32::min)
    }
    #[inline]
    unsafe fn abs(a: Self::Floats) -> Self::Floats {
        a.map(f32::abs)
    }
    #[inline]
    unsafe fn mul_add(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // Not `f32::mul_add`: without the instruction that is a slow library call.
        std::array::from_fn(|lane| a[lane] * b[lane] + c[lane])
    }
    #[inline]
    unsafe fn round(a: Self::Floats) -> Self::Floats {
        a.map(f32::round_ties_even)
    }
    #[inline]
    unsafe fn scale_by_power_of_two(a: Self::Floats, exponent: Self::Floats) -> Self::Floats {
        zip(a, exponent, |a, exponent| a * f32::from_bits(((exponent as i32 + 127) << 23) as u32))
    }
    #[inline]
    unsafe fn keep_above(x: Self::Floats, threshold: f32, value: Self::Floats) -> Self::Floats {
        zip(x, value, |x, value| if x > threshold { value } else { 0.0 })
    }
    #[inline]
    unsafe fn sum(a: Self::Floats) -> f32 {
        a.iter().sum()
    }
    #[inline]
    unsafe fn maximum(a: Self::Floats) -> f32 {
        a.iter().copied().fold(f32::NEG_INFINITY, f32::max)
    }
    #[inline]
    unsafe fn splat_int(value: i32) -> Self::Ints {
        [value; LANES]
    }
    #[inline]
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats {
        a.map(|a| a as f32)
    }
    #[inline]
    unsafe fn to_ints(a: Self::Floats) -> Self::Ints {
        a.map(|a| a.round_ties_even() as i32)
    }
    #[inline]
    unsafe fn sum_ints(a: Self::Ints) -> i32 {
        a.iter().sum()
    }
    #[inline]
    unsafe fn store_bytes(to: *mut i8, a: Self::Ints) {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { to.cast::<[i8; LANES]>().write(a.map(|a| a as i8)) }
    }
    #[inline]
    unsafe fn load_weights(from: *const u8) -> Self::Weights {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { from.cast::<[u8; 64]>().read() }
    }
    #[inline]
    unsafe fn store_weights(to: *mut u8, value: Self::Weights) {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { to.cast::<[u8; 64]>().write(value) }
    }
    #[inline]
    unsafe fn bits_right<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights {
        a.map(|a| a >> COUNT & mask)
    }
    #[inline]
    unsafe fn bits_left<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights {
        a.map(|a| a << COUNT & mask)
    }
    #[inline]
    unsafe fn or(a: Self::Weights, b: Self::Weights) -> Self::Weights {
        std::array::from_fn(|byte| a[byte] | b[byte])
    }
    #[inline]
    unsafe fn to_signed(a: Self::Weights, zero: u8) -> Self::Weights {
        a.map(|a| a.wrapping_sub(zero))
    }
    #[inline]
    unsafe fn load_quad(from: *const i8) -> Self::Quad {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { from.cast::<[i8; 4]>().read() }
    }
    #[inline]
    unsafe fn dot_unsigned(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        std::array::from_fn(|lane| {
            (0..4).fold(sum[lane], |sum, step| {
                sum + i32::from(weights[lane * 4 + step]) * i32::from(activations[step])
            })
        })
    }
    #[inline]
    unsafe fn dot_signed(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        std::array::from_fn(|lane| {
            (0..4).fold(sum[lane], |sum, step| {
                sum + i32::from(weights[lane * 4 + step] as i8) * i32::from(activations[step])
            })
        })
    }
    #[inline]
    unsafe fn store_words(to: *mut i16, a: Self::Ints) {
        // SAFETY: the trait's contract: the caller's pointer covers what is touched, and bytes need no alignment.
        unsafe { to.cast::<[i16; LANES]>().write_unaligned(a.map(|a| a as i16)) }
    }
    #[inline]
    unsafe fn dot_pairs(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        let word = |low: u8, high: u8| i32::from(i16::from_ne_bytes([low, high]));
        let pairs = activations.map(|byte| byte as u8);
        let (first, second) = (word(pairs[0], pairs[1]), word(pairs[2], pairs[3]));
        std::array::from_fn(|lane| {
            let pair = &weights[lane * 4..lane * 4 + 4];
            sum[lane] + word(pair[0], pair[1]) * first + word(pair[2], pair[3]) * second
        })
    }
}
