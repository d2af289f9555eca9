//! AVX2 with FMA and F16C, with or without AVX-VNNI: two registers are sixteen lanes.

use super::simd::Simd;
use std::arch::x86_64::*;

/// `VNNI`: the processor has AVX-VNNI's dot product.
#[derive(Clone, Copy)]
pub(super) struct Avx2<const VNNI: bool>;

#[inline(always)]
unsafe fn dot<const VNNI: bool, const SIGNED: bool>(
    sum: __m256i,
    weights: __m256i,
    quad: __m256i,
) -> __m256i {
    // SAFETY: the caller vouches for the instruction set; no memory is touched.
    unsafe {
        if VNNI {
            return _mm256_dpbusd_avx_epi32(sum, weights, quad);
        }
        // Pairs of products stay within sixteen bits: 63 * 127 * 2, and 128 * 127 * 2 where the weights are signed.
        let pairs = if SIGNED {
            _mm256_maddubs_epi16(_mm256_abs_epi8(weights), _mm256_sign_epi8(quad, weights))
        } else {
            _mm256_maddubs_epi16(weights, quad)
        };
        _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }
}

// SAFETY of every block below: the trait's contract, the processor has AVX2, FMA and F16C (and AVX-VNNI where `VNNI`),
// and the caller's pointers cover what is touched.
impl<const VNNI: bool> Simd for Avx2<VNNI> {
    type Floats = [__m256; 2];
    type Ints = [__m256i; 2];
    type Weights = [__m256i; 2];
    type Quad = __m256i;
    const SIGNED_OFFSET: i32 = if VNNI { 128 } else { 0 };

    #[inline(always)]
    unsafe fn splat(value: f32) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_set1_ps(value); 2] }
    }
    #[inline(always)]
    unsafe fn load(from: *const f32) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { [_mm256_loadu_ps(from), _mm256_loadu_ps(from.add(8))] }
    }
    #[inline(always)]
    unsafe fn store(to: *mut f32, value: Self::Floats) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            _mm256_storeu_ps(to, value[0]);
            _mm256_storeu_ps(to.add(8), value[1]);
        }
    }
    #[inline(always)]
    unsafe fn load_half(from: *const u16) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            [
                _mm256_cvtph_ps(_mm_loadu_si128(from.cast())),
                _mm256_cvtph_ps(_mm_loadu_si128(from.add(8).cast())),
            ]
        }
    }
    #[inline(always)]
    unsafe fn store_half(to: *mut u16, value: Self::Floats) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            _mm_storeu_si128(to.cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(value[0]));
            _mm_storeu_si128(to.add(8).cast(), _mm256_cvtps_ph::<_MM_FROUND_TO_NEAREST_INT>(value[1]));
        }
    }
    #[inline(always)]
    unsafe fn load_unsigned_bytes(from: *const u8) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            [
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.cast()))),
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64(from.add(8).cast()))),
            ]
        }
    }
    #[inline(always)]
    unsafe fn load_signed_bytes(from: *const u8) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            [
                _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(from.cast()))),
                _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_loadl_epi64(from.add(8).cast()))),
            ]
        }
    }
    #[inline(always)]
    unsafe fn add(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn sub(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn mul(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn div(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn max(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn min(a: Self::Floats, b: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn abs(a: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { a.map(|a| _mm256_andnot_ps(_mm256_set1_ps(-0.0), a)) }
    }
    #[inline(always)]
    unsafe fn mul_add(a: Self::Floats, b: Self::Floats, c: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }
    #[inline(always)]
    unsafe fn round(a: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            [
                _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a[0]),
                _mm256_round_ps::<{ _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC }>(a[1]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn scale_by_power_of_two(a: Self::Floats, exponent: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let bias = _mm256_set1_epi32(127);
            let power = [
                _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(exponent[0]), bias)),
                _mm256_slli_epi32::<23>(_mm256_add_epi32(_mm256_cvtps_epi32(exponent[1]), bias)),
            ];
            [
                _mm256_mul_ps(a[0], _mm256_castsi256_ps(power[0])),
                _mm256_mul_ps(a[1], _mm256_castsi256_ps(power[1])),
            ]
        }
    }
    #[inline(always)]
    unsafe fn keep_above(x: Self::Floats, threshold: f32, value: Self::Floats) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let threshold = _mm256_set1_ps(threshold);
            [
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(x[0], threshold), value[0]),
                _mm256_and_ps(_mm256_cmp_ps::<_CMP_GT_OQ>(x[1], threshold), value[1]),
            ]
        }
    }
    #[inline(always)]
    unsafe fn sum(a: Self::Floats) -> f32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let eight = _mm256_add_ps(a[0], a[1]);
            let four = _mm_add_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_add_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)))
        }
    }
    #[inline(always)]
    unsafe fn maximum(a: Self::Floats) -> f32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let eight = _mm256_max_ps(a[0], a[1]);
            let four = _mm_max_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_max_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)))
        }
    }
    #[inline(always)]
    unsafe fn splat_int(value: i32) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_set1_epi32(value); 2] }
    }
    #[inline(always)]
    unsafe fn to_floats(a: Self::Ints) -> Self::Floats {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_cvtepi32_ps(a[0]), _mm256_cvtepi32_ps(a[1])] }
    }
    #[inline(always)]
    unsafe fn to_ints(a: Self::Floats) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_cvtps_epi32(a[0]), _mm256_cvtps_epi32(a[1])] }
    }
    #[inline(always)]
    unsafe fn sum_ints(a: Self::Ints) -> i32 {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let eight = _mm256_add_epi32(a[0], a[1]);
            let four = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256::<1>(eight));
            let two = _mm_add_epi32(four, _mm_shuffle_epi32::<0b1110>(four));
            _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32::<1>(two)))
        }
    }
    #[inline(always)]
    unsafe fn store_bytes(to: *mut i8, a: Self::Ints) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            // Packing works within halves of a register: put the quarters in order afterwards.
            let words = _mm256_permute4x64_epi64::<0b1101_1000>(_mm256_packs_epi32(a[0], a[1]));
            let bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(to.cast(), bytes);
        }
    }
    #[inline(always)]
    unsafe fn load_weights(from: *const u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { [_mm256_loadu_si256(from.cast()), _mm256_loadu_si256(from.add(32).cast())] }
    }
    #[inline(always)]
    unsafe fn store_weights(to: *mut u8, value: Self::Weights) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            _mm256_storeu_si256(to.cast(), value[0]);
            _mm256_storeu_si256(to.add(32).cast(), value[1]);
        }
    }
    #[inline(always)]
    unsafe fn bits_right<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let mask = _mm256_set1_epi8(mask as i8);
            [
                _mm256_and_si256(_mm256_srli_epi16::<COUNT>(a[0]), mask),
                _mm256_and_si256(_mm256_srli_epi16::<COUNT>(a[1]), mask),
            ]
        }
    }
    #[inline(always)]
    unsafe fn bits_left<const COUNT: i32>(a: Self::Weights, mask: u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let mask = _mm256_set1_epi8(mask as i8);
            [
                _mm256_and_si256(_mm256_slli_epi16::<COUNT>(a[0]), mask),
                _mm256_and_si256(_mm256_slli_epi16::<COUNT>(a[1]), mask),
            ]
        }
    }
    #[inline(always)]
    unsafe fn or(a: Self::Weights, b: Self::Weights) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe { [_mm256_or_si256(a[0], b[0]), _mm256_or_si256(a[1], b[1])] }
    }
    #[inline(always)]
    unsafe fn to_signed(a: Self::Weights, zero: u8) -> Self::Weights {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            let shift = if VNNI { 128_u8.wrapping_sub(zero) } else { zero.wrapping_neg() };
            let shift = _mm256_set1_epi8(shift as i8);
            [_mm256_add_epi8(a[0], shift), _mm256_add_epi8(a[1], shift)]
        }
    }
    #[inline(always)]
    unsafe fn load_quad(from: *const i8) -> Self::Quad {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm256_set1_epi32(from.cast::<i32>().read_unaligned()) }
    }
    #[inline(always)]
    unsafe fn dot_unsigned(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            [
                dot::<VNNI, false>(sum[0], weights[0], activations),
                dot::<VNNI, false>(sum[1], weights[1], activations),
            ]
        }
    }
    #[inline(always)]
    unsafe fn dot_signed(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            [
                dot::<VNNI, true>(sum[0], weights[0], activations),
                dot::<VNNI, true>(sum[1], weights[1], activations),
            ]
        }
    }
    #[inline(always)]
    unsafe fn store_words(to: *mut i16, a: Self::Ints) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe {
            // Packing works within halves of a register: put the quarters in order afterwards.
            let words = _mm256_permute4x64_epi64::<0b1101_1000>(_mm256_packs_epi32(a[0], a[1]));
            _mm256_storeu_si256(to.cast(), words);
        }
    }
    #[inline(always)]
    unsafe fn dot_pairs(sum: Self::Ints, weights: Self::Weights, activations: Self::Quad) -> Self::Ints {
        // SAFETY: the trait's contract: the processor has the instructions; no memory is touched.
        unsafe {
            if VNNI {
                // The saturating form: sums fit, and the compiler takes the other one apart into two instructions.
                return [
                    _mm256_dpwssds_avx_epi32(sum[0], weights[0], activations),
                    _mm256_dpwssds_avx_epi32(sum[1], weights[1], activations),
                ];
            }
            [
                _mm256_add_epi32(sum[0], _mm256_madd_epi16(weights[0], activations)),
                _mm256_add_epi32(sum[1], _mm256_madd_epi16(weights[1], activations)),
            ]
        }
    }
    #[inline(always)]
    unsafe fn prefetch(from: *const u8) {
        // SAFETY: the trait's contract: the processor has the instructions, the caller's pointer covers what is touched.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(from.cast()) }
    }
}
