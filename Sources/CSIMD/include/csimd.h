#pragma once

/* Instructions that Swift's SIMD types cannot name, one line each. No float arithmetic happens here beyond what a name
   says, so that the order and the rounding of every sum stay visible in the Swift kernels. */

#include <immintrin.h>
#include <stdbool.h>

#define CSIMD_INLINE static inline __attribute__((always_inline))

/* Whether this processor and the operating system allow what KernelsAVX2 is compiled for. */
CSIMD_INLINE bool csimd_cpu_has_avx2(void) { __builtin_cpu_init(); return __builtin_cpu_supports("avx2"); }
CSIMD_INLINE bool csimd_cpu_has_fma(void) { __builtin_cpu_init(); return __builtin_cpu_supports("fma"); }
CSIMD_INLINE bool csimd_cpu_has_f16c(void) { __builtin_cpu_init(); return __builtin_cpu_supports("f16c"); }

/* Tells the processor that the caller is waiting in a loop. */
CSIMD_INLINE void csimd_pause(void) { _mm_pause(); }

#if defined(__AVX2__) && defined(__F16C__)

/* The correctly rounded root, without the call that Swift's makes for negative numbers. */
CSIMD_INLINE float csimd_sqrt_f32(float a) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(a))); }

/* Eight values of half precision at any address. */
CSIMD_INLINE __m256 csimd_f32_from_f16x8(const void *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }

/* Eight values of bfloat16, the upper halves of floats, at any address. */
CSIMD_INLINE __m256 csimd_f32_from_bf16x8(const void *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}

#endif
