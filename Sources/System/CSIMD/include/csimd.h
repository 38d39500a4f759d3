#pragma once

/* Instructions that Swift's SIMD types cannot name, one line each. No float arithmetic happens here beyond what a name
   says, so that the order and the rounding of every sum stay visible in the Swift kernels. What a module may call
   depends on the instruction set that it is compiled for. */

#include <stdbool.h>
#include <stdint.h>

#define CSIMD_INLINE static inline __attribute__((always_inline))

/* Asks for the cache line so many bytes from p ahead of its use; there may be no memory at all. */
CSIMD_INLINE void csimd_prefetch(const void *p, long bytes) { __builtin_prefetch((const void *)((uintptr_t)p + bytes), 0, 3); }

/* The same into the second-level cache only. */
CSIMD_INLINE void csimd_prefetch_l2(const void *p, long bytes) { __builtin_prefetch((const void *)((uintptr_t)p + bytes), 0, 2); }

/* Keeps the compiler from moving reads and writes from one side of this to the other. */
CSIMD_INLINE void csimd_keep_order(void) { __asm__ volatile("" ::: "memory"); }

#if defined(__x86_64__)

#include <immintrin.h>

/* Whether this processor has an instruction and the operating system keeps its registers. */
#define CSIMD_CPU_HAS(feature) CSIMD_INLINE bool csimd_cpu_has_##feature(void) { __builtin_cpu_init(); return __builtin_cpu_supports(#feature); }
CSIMD_CPU_HAS(avx2)
CSIMD_CPU_HAS(fma)
CSIMD_CPU_HAS(f16c)
CSIMD_CPU_HAS(bmi)
CSIMD_CPU_HAS(bmi2)
CSIMD_CPU_HAS(lzcnt)
CSIMD_CPU_HAS(movbe)
CSIMD_CPU_HAS(avx512f)
CSIMD_CPU_HAS(avx512bw)
CSIMD_CPU_HAS(avx512cd)
CSIMD_CPU_HAS(avx512dq)
CSIMD_CPU_HAS(avx512vl)
CSIMD_CPU_HAS(avx512vnni)

/* Tells the processor that the caller is waiting in a loop. */
CSIMD_INLINE void csimd_pause(void) { _mm_pause(); }

/* The correctly rounded root, without the call that Swift's makes for negative numbers. */
CSIMD_INLINE float csimd_sqrt_f32(float a) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(a))); }

#else

CSIMD_INLINE void csimd_pause(void) {}
CSIMD_INLINE float csimd_sqrt_f32(float a) { return __builtin_sqrtf(a); }

#endif

#if defined(__AVX2__) && defined(__F16C__)

#if !defined(__AVX512F__)
/* Really reads 64 bytes, and does nothing with them. */
CSIMD_INLINE void csimd_read_line(const void *p) {
    __m256i low = _mm256_loadu_si256((const __m256i *)p), high = _mm256_loadu_si256((const __m256i *)p + 1);
    __asm__ volatile("" : : "x"(low), "x"(high));
}
#endif

/* Eight values of half precision at any address. */
CSIMD_INLINE __m256 csimd_f32_from_f16x8(const void *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)p)); }

/* Eight floats rounded to half precision, to nearest even, whatever the mode of rounding. */
CSIMD_INLINE __m128i csimd_f16_from_f32x8(__m256 a) { return _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT); }

/* Eight values of bfloat16, the upper halves of floats, at any address. */
CSIMD_INLINE __m256 csimd_f32_from_bf16x8(const void *p) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)p)), 16));
}

/* Eight integers as floats, rounded to the nearest. */
CSIMD_INLINE __m256 csimd_f32_from_i32x8(__m256i a) { return _mm256_cvtepi32_ps(a); }

/* The lowest bytes of 16 integers between -128 and 127. */
CSIMD_INLINE __m128i csimd_i8_from_i32x16(__m256i low, __m256i high) {
    __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
    return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

/* Magnitudes of signed bytes; bytes with their sign changed where that of `signs` is negative, 0 where it is 0. */
CSIMD_INLINE __m256i csimd_abs_s8x32(__m256i a) { return _mm256_abs_epi8(a); }
CSIMD_INLINE __m256i csimd_sign_s8x32(__m256i a, __m256i signs) { return _mm256_sign_epi8(a, signs); }

/* Sums of two neighbouring products, of bytes as 16 bits and of those as 32. */
CSIMD_INLINE __m256i csimd_maddubs_x32(__m256i u8, __m256i s8) { return _mm256_maddubs_epi16(u8, s8); }
CSIMD_INLINE __m256i csimd_madd_x16(__m256i a, __m256i b) { return _mm256_madd_epi16(a, b); }

#endif

#if defined(__AVX512F__)

/* Sixteen floats at any address, those whose bit of the mask is set; the others are zero, or left as they are. */
CSIMD_INLINE __m512 csimd_load_f32x16(const float *p, uint16_t mask) { return _mm512_maskz_loadu_ps(mask, p); }
CSIMD_INLINE void csimd_store_f32x16(float *p, uint16_t mask, __m512 a) { _mm512_mask_storeu_ps(p, mask, a); }

/* Really reads 64 bytes, and does nothing with them. */
CSIMD_INLINE void csimd_read_line(const void *p) {
    __m512i line = _mm512_loadu_si512(p);
    __asm__ volatile("" : : "v"(line));
}

/* Sixteen values of half precision at any address. */
CSIMD_INLINE __m512 csimd_f32_from_f16x16(const void *p) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)p));
}

/* 64 bytes at any address, read at once: the compiler may not read their halves where they are used. */
CSIMD_INLINE __m512i csimd_line(const void *p) {
    __m512i line = _mm512_loadu_si512(p);
    __asm__("" : "+v"(line));
    return line;
}

/* The first and the last sixteen values of half precision of 64 bytes. */
CSIMD_INLINE __m512 csimd_f32_from_low_f16x16(__m512i line) { return _mm512_cvtph_ps(_mm512_castsi512_si256(line)); }
CSIMD_INLINE __m512 csimd_f32_from_high_f16x16(__m512i line) {
    return _mm512_cvtph_ps(_mm512_extracti64x4_epi64(line, 1));
}

/* Sixteen floats rounded to half precision, to nearest even, whatever the mode of rounding. */
CSIMD_INLINE __m256i csimd_f16_from_f32x16(__m512 a) { return _mm512_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT); }

/* Sixteen values of bfloat16, the upper halves of floats, at any address. */
CSIMD_INLINE __m512 csimd_f32_from_bf16x16(const void *p) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)p)), 16));
}

/* Sixteen integers as floats, rounded to the nearest; their lowest bytes. */
CSIMD_INLINE __m512 csimd_f32_from_i32x16(__m512i a) { return _mm512_cvtepi32_ps(a); }
CSIMD_INLINE __m128i csimd_i8_from_i32_x16(__m512i a) { return _mm512_cvtepi32_epi8(a); }

#endif

#if defined(__AVX512VNNI__)

/* To each sum, the products of four unsigned and four signed bytes. */
CSIMD_INLINE __m512i csimd_dot_u8s8_x64(__m512i sums, __m512i u8, __m512i s8) { return _mm512_dpbusd_epi32(sums, u8, s8); }

#endif
