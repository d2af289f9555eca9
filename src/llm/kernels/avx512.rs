//! AVX-512 with VNNI: one register is sixteen lanes.

use super::simd::Simd;
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
pub(super) struct Avx512;

// SAFETY of every block below: the trait's contract, the processor has AVX-512 F, BW, VL, DQ and VNNI, and the
// caller's pointers cover what is touched.
impl Simd for Avx512 {
    type Floats = __m512;
    type Ints = __m512i;
    type Weights = __m512i;
    type Quad = __m512i;
    const SIGNED_OFFSET: i32 = 128;

    #[inline(always)]
    unsafe fn splat(value: f32) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_set1_ps(value) }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_loadu_ps(from) }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, value: __m512) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_storeu_ps(to, value) }
    }
    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_cvtph_ps(_mm256_loadu_si256(from.cast())) }
    }
    #[inline(always)]
    unsafe fn store_half(to: *mut u16, value: __m512) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm256_storeu_si256(to.cast(), _mm512_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(value)) }
    }
    #[inline(always)]
    unsafe fn load_unsigned_bytes(from: *const u8) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(from.cast()))) }
    }
    #[inline(always)]
    unsafe fn load_signed_bytes(from: *const u8) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(from.cast()))) }
    }
    #[inline(always)]
    unsafe fn add(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn sub(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_sub_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn mul(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn div(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_div_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn max(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn min(a: __m512, b: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_min_ps(a, b) }
    }
    #[inline(always)]
    unsafe fn abs(a: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_abs_ps(a) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: __m512, b: __m512, c: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    unsafe fn round(a: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_roundscale_ps::<_MM_FROUND_TO_NEAREST_INT>(a) }
    }
    #[inline(always)]
    unsafe fn scale_by_power_of_two(a: __m512, exponent: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_scalef_ps(a, exponent) }
    }
    #[inline(always)]
    unsafe fn keep_above(x: __m512, threshold: f32, value: __m512) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_maskz_mov_ps(_mm512_cmp_ps_mask::<_CMP_GT_OQ>(x, _mm512_set1_ps(threshold)), value) }
    }
    #[inline(always)]
    unsafe fn sum(a: __m512) -> f32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_reduce_add_ps(a) }
    }
    #[inline(always)]
    unsafe fn maximum(a: __m512) -> f32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_reduce_max_ps(a) }
    }
    #[inline(always)]
    unsafe fn splat_int(value: i32) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_set1_epi32(value) }
    }
    #[inline(always)]
    unsafe fn to_floats(a: __m512i) -> __m512 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_cvtepi32_ps(a) }
    }
    #[inline(always)]
    unsafe fn to_ints(a: __m512) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_cvtps_epi32(a) }
    }
    #[inline(always)]
    unsafe fn sum_ints(a: __m512i) -> i32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_reduce_add_epi32(a) }
    }
    #[inline(always)]
    unsafe fn store_bytes(to: *mut i8, a: __m512i) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm_storeu_si128(to.cast(), _mm512_cvtepi32_epi8(a)) }
    }
    #[inline(always)]
    unsafe fn load_weights(from: *const u8) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_loadu_si512(from.cast()) }
    }
    #[inline(always)]
    unsafe fn store_weights(to: *mut u8, value: __m512i) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_storeu_si512(to.cast(), value) }
    }
    #[inline(always)]
    unsafe fn bits_right<const COUNT: i32>(a: __m512i, mask: u8) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            _mm512_and_si512(_mm512_srl_epi16(a, _mm_cvtsi32_si128(COUNT)), _mm512_set1_epi8(mask as i8))
        }
    }
    #[inline(always)]
    unsafe fn bits_left<const COUNT: i32>(a: __m512i, mask: u8) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            _mm512_and_si512(_mm512_sll_epi16(a, _mm_cvtsi32_si128(COUNT)), _mm512_set1_epi8(mask as i8))
        }
    }
    #[inline(always)]
    unsafe fn or(a: __m512i, b: __m512i) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_or_si512(a, b) }
    }
    #[inline(always)]
    unsafe fn to_signed(a: __m512i, zero: u8) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_add_epi8(a, _mm512_set1_epi8(128_u8.wrapping_sub(zero) as i8)) }
    }
    #[inline(always)]
    unsafe fn load_quad(from: *const i8) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm512_set1_epi32(from.cast::<i32>().read_unaligned()) }
    }
    #[inline(always)]
    unsafe fn dot_unsigned(sum: __m512i, weights: __m512i, activations: __m512i) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_dpbusd_epi32(sum, weights, activations) }
    }
    #[inline(always)]
    unsafe fn dot_signed(sum: __m512i, weights: __m512i, activations: __m512i) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { _mm512_dpbusd_epi32(sum, weights, activations) }
    }
    #[inline(always)]
    unsafe fn store_words(to: *mut i16, a: __m512i) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm256_storeu_si256(to.cast(), _mm512_cvtepi32_epi16(a)) }
    }
    #[inline(always)]
    unsafe fn dot_pairs(sum: __m512i, weights: __m512i, activations: __m512i) -> __m512i {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        // The saturating form: sums fit, and the compiler takes the other one apart into two instructions.
        unsafe { _mm512_dpwssds_epi32(sum, weights, activations) }
    }
    #[inline(always)]
    unsafe fn prefetch(from: *const u8) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }
}
