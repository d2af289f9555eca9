//! NEON, with or without the dot-product extension: four registers are sixteen lanes. Conversions of half-precision
//! numbers and the dot product are written as assembly because the standard library does not offer them yet.

use super::simd::Simd;
use std::arch::{aarch64::*, asm};

/// `DOT`: the processor has the dot-product extension.
#[derive(Clone, Copy)]
pub(super) struct Neon<const DOT: bool>;

#[inline(always)]
unsafe fn widen(half: uint16x4_t) -> float32x4_t {
    let wide: float32x4_t;
    // SAFETY: part of every ARMv8 processor; touches registers only.
    unsafe {
        asm!("fcvtl {0:v}.4s, {1:v}.4h", out(vreg) wide, in(vreg) half, options(pure, nomem, nostack, preserves_flags));
    }
    wide
}

#[inline(always)]
unsafe fn narrow(wide: float32x4_t) -> uint16x4_t {
    let half: uint16x4_t;
    // SAFETY: as above.
    unsafe {
        asm!("fcvtn {0:v}.4h, {1:v}.4s", out(vreg) half, in(vreg) wide, options(pure, nomem, nostack, preserves_flags));
    }
    half
}

#[inline(always)]
unsafe fn dot<const DOT: bool>(mut sum: int32x4_t, weights: int8x16_t, quad: int8x16_t) -> int32x4_t {
    // SAFETY: the caller vouches for the extension; registers only.
    unsafe {
        if DOT {
            asm!(
                ".arch_extension dotprod",
                "sdot {0:v}.4s, {1:v}.16b, {2:v}.16b",
                inout(vreg) sum, in(vreg) weights, in(vreg) quad,
                options(pure, nomem, nostack, preserves_flags)
            );
            return sum;
        }
        let low = vpaddlq_s16(vmull_s8(vget_low_s8(weights), vget_low_s8(quad)));
        let high = vpaddlq_s16(vmull_high_s8(weights, quad));
        vaddq_s32(sum, vpaddq_s32(low, high))
    }
}

#[inline(always)]
fn each<A: Copy, R: Copy>(a: [A; 4], f: impl Fn(A) -> R) -> [R; 4] {
    [f(a[0]), f(a[1]), f(a[2]), f(a[3])]
}

#[inline(always)]
fn both<A: Copy, B: Copy, R: Copy>(a: [A; 4], b: [B; 4], f: impl Fn(A, B) -> R) -> [R; 4] {
    [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
}

// SAFETY of every block below: the trait's contract, the processor has NEON (and the extension where `DOT`), and the
// caller's pointers cover what is touched.
impl<const DOT: bool> Simd for Neon<DOT> {
    type Floats = [float32x4_t; 4];
    type Ints = [int32x4_t; 4];
    type Weights = [uint8x16_t; 4];
    type Quad = int8x16_t;
    const SIGNED_OFFSET: i32 = 0;

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [vdupq_n_f32(value); 4] }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { [vld1q_f32(from), vld1q_f32(from.add(4)), vld1q_f32(from.add(8)), vld1q_f32(from.add(12))] }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, value: Self::Floats) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            vst1q_f32(to, value[0]);
            vst1q_f32(to.add(4), value[1]);
            vst1q_f32(to.add(8), value[2]);
            vst1q_f32(to.add(12), value[3]);
        }
    }
    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            [
                widen(vld1_u16(from)),
                widen(vld1_u16(from.add(4))),
                widen(vld1_u16(from.add(8))),
                widen(vld1_u16(from.add(12))),
            ]
        }
    }
    #[inline(always)]
    unsafe fn store_half(to: *mut u16, value: Self::Floats) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            vst1_u16(to, narrow(value[0]));
            vst1_u16(to.add(4), narrow(value[1]));
            vst1_u16(to.add(8), narrow(value[2]));
            vst1_u16(to.add(12), narrow(value[3]));
        }
    }
    #[inline(always)]
    unsafe fn load_unsigned_bytes(from: *const u8) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            let bytes = vld1q_u8(from);
            let (low, high) = (vmovl_u8(vget_low_u8(bytes)), vmovl_u8(vget_high_u8(bytes)));
            [
                vcvtq_f32_u32(vmovl_u16(vget_low_u16(low))),
                vcvtq_f32_u32(vmovl_u16(vget_high_u16(low))),
                vcvtq_f32_u32(vmovl_u16(vget_low_u16(high))),
                vcvtq_f32_u32(vmovl_u16(vget_high_u16(high))),
            ]
        }
    }
    #[inline(always)]
    unsafe fn load_signed_bytes(from: *const u8) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            let bytes = vld1q_s8(from.cast());
            let (low, high) = (vmovl_s8(vget_low_s8(bytes)), vmovl_s8(vget_high_s8(bytes)));
            [
                vcvtq_f32_s32(vmovl_s16(vget_low_s16(low))),
                vcvtq_f32_s32(vmovl_s16(vget_high_s16(low))),
                vcvtq_f32_s32(vmovl_s16(vget_low_s16(high))),
                vcvtq_f32_s32(vmovl_s16(vget_high_s16(high))),
            ]
        }
    }
    #[inline(always)]
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, b, |a, b| unsafe { vaddq_f32(a, b) })
    }
    #[inline(always)]
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, b, |a, b| unsafe { vsubq_f32(a, b) })
    }
    #[inline(always)]
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, b, |a, b| unsafe { vmulq_f32(a, b) })
    }
    #[inline(always)]
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, b, |a, b| unsafe { vdivq_f32(a, b) })
    }
    #[inline(always)]
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, b, |a, b| unsafe { vmaxq_f32(a, b) })
    }
    #[inline(always)]
    unsafe fn min(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, b, |a, b| unsafe { vminq_f32(a, b) })
    }
    #[inline(always)]
    unsafe fn abs(a: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        each(a, |a| unsafe { vabsq_f32(a) })
    }
    #[inline(always)]
    unsafe fn mul_add(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            [
                vfmaq_f32(c[0], a[0], b[0]),
                vfmaq_f32(c[1], a[1], b[1]),
                vfmaq_f32(c[2], a[2], b[2]),
                vfmaq_f32(c[3], a[3], b[3]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn round(a: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        each(a, |a| unsafe { vrndnq_f32(a) })
    }
    #[inline(always)]
    unsafe fn scale_by_power_of_two(a: Self::Floats, exponent: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, exponent, |a, exponent| unsafe {
            let power = vshlq_n_s32::<23>(vaddq_s32(vcvtnq_s32_f32(exponent), vdupq_n_s32(127)));
            vmulq_f32(a, vreinterpretq_f32_s32(power))
        })
    }
    #[inline(always)]
    unsafe fn keep_above(x: Self::Floats, threshold: f32, value: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(x, value, |x, value| unsafe {
            let keep = vcgtq_f32(x, vdupq_n_f32(threshold));
            vreinterpretq_f32_u32(vandq_u32(keep, vreinterpretq_u32_f32(value)))
        })
    }
    #[inline(always)]
    unsafe fn sum(a: Self::Floats) -> f32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { vaddvq_f32(vaddq_f32(vaddq_f32(a[0], a[1]), vaddq_f32(a[2], a[3]))) }
    }
    #[inline(always)]
    unsafe fn maximum(a: Self::Floats) -> f32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { vmaxvq_f32(vmaxq_f32(vmaxq_f32(a[0], a[1]), vmaxq_f32(a[2], a[3]))) }
    }
    #[inline(always)]
    unsafe fn splat_int(value: i32) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [vdupq_n_s32(value); 4] }
    }
    #[inline(always)]
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        each(a, |a| unsafe { vcvtq_f32_s32(a) })
    }
    #[inline(always)]
    unsafe fn to_ints(a: Self::Floats) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        each(a, |a| unsafe { vcvtnq_s32_f32(a) })
    }
    #[inline(always)]
    unsafe fn sum_ints(a: Self::Ints) -> i32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { vaddvq_s32(vaddq_s32(vaddq_s32(a[0], a[1]), vaddq_s32(a[2], a[3]))) }
    }
    #[inline(always)]
    unsafe fn store_bytes(to: *mut i8, a: Self::Ints) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            let low = vcombine_s16(vmovn_s32(a[0]), vmovn_s32(a[1]));
            let high = vcombine_s16(vmovn_s32(a[2]), vmovn_s32(a[3]));
            vst1q_s8(to, vcombine_s8(vmovn_s16(low), vmovn_s16(high)));
        }
    }
    #[inline(always)]
    unsafe fn load_weights(from: *const u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { [vld1q_u8(from), vld1q_u8(from.add(16)), vld1q_u8(from.add(32)), vld1q_u8(from.add(48))] }
    }
    #[inline(always)]
    unsafe fn store_weights(to: *mut u8, value: Self::Weights) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            vst1q_u8(to, value[0]);
            vst1q_u8(to.add(16), value[1]);
            vst1q_u8(to.add(32), value[2]);
            vst1q_u8(to.add(48), value[3]);
        }
    }
    #[inline(always)]
    unsafe fn bits_right<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        each(a, |a| unsafe { vandq_u8(vshlq_u8(a, vdupq_n_s8(-(COUNT as i8))), vdupq_n_u8(mask)) })
    }
    #[inline(always)]
    unsafe fn bits_left<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        each(a, |a| unsafe { vandq_u8(vshlq_u8(a, vdupq_n_s8(COUNT as i8)), vdupq_n_u8(mask)) })
    }
    #[inline(always)]
    unsafe fn or(a: Self::Weights, b: Self::Weights) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(a, b, |a, b| unsafe { vorrq_u8(a, b) })
    }
    #[inline(always)]
    unsafe fn to_signed(a: Self::Weights, zero: u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        each(a, |a| unsafe { vsubq_u8(a, vdupq_n_u8(zero)) })
    }
    #[inline(always)]
    unsafe fn load_quad(from: *const i8) -> Self::Quad {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { vreinterpretq_s8_s32(vdupq_n_s32(from.cast::<i32>().read_unaligned())) }
    }
    #[inline(always)]
    unsafe fn dot_unsigned(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        // Weights up to 63 are the same signed.
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { Self::dot_signed(sum, weights, activations) }
    }
    #[inline(always)]
    unsafe fn dot_signed(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(sum, weights, |sum, weights| unsafe {
            dot::<DOT>(sum, vreinterpretq_s8_u8(weights), activations)
        })
    }
    #[inline(always)]
    unsafe fn store_words(to: *mut i16, a: Self::Ints) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            vst1q_s16(to, vcombine_s16(vmovn_s32(a[0]), vmovn_s32(a[1])));
            vst1q_s16(to.add(8), vcombine_s16(vmovn_s32(a[2]), vmovn_s32(a[3])));
        }
    }
    #[inline(always)]
    unsafe fn dot_pairs(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        both(sum, weights, |sum, weights| unsafe {
            let (weights, pairs) = (vreinterpretq_s16_u8(weights), vreinterpretq_s16_s8(activations));
            let low = vmull_s16(vget_low_s16(weights), vget_low_s16(pairs));
            vaddq_s32(sum, vpaddq_s32(low, vmull_high_s16(weights, pairs)))
        })
    }
}
