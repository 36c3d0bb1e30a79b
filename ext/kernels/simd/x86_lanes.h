/* SPDX-License-Identifier: Apache-2.0 */
/* Included by x86.h for each width: the operations of the processor, of which MM(op) and SI(op) are the intrinsics. */
typedef float V(f32) __attribute__((vector_size(4 * LANES)));

/* fma: a b + sum, rounded once. min, max: in each lane; `other` where one of them is not a number. */
#ifdef __FMA__
static inline V(f32) V(fma)(V(f32) a, V(f32) b, V(f32) sum) { return MM(fmadd_ps)(a, b, sum); }
#endif
static inline V(f32) V(min)(V(f32) x, V(f32) other) { return MM(min_ps)(x, other); }
static inline V(f32) V(max)(V(f32) x, V(f32) other) { return MM(max_ps)(x, other); }
#include "simd/floats.h"

/* The first `count` lanes, or all of them where there are not so many. */
XQ_INLINE void V(store_some)(float *to, V(f32) x, uint32_t count) {
  if (count < LANES) {
#if LANES == 16
    _mm512_mask_storeu_ps(to, (__mmask16)((1u << count) - 1), x);
#elif defined(__AVX512VL__) && LANES == 8
    _mm256_mask_storeu_ps(to, (__mmask8)((1u << count) - 1), x);
#else
    float all[LANES];
    V(store)(all, x);
    for (uint32_t i = 0; i < count; i++) to[i] = all[i];
#endif
    return;
  }
  V(store)(to, x);
}

/* Integers between memory, where `aligned` is a multiple of their size, and registers. */
XQ_INLINE V(int) V(load_int)(const void *from) { return SI(loadu)(from); }
XQ_INLINE V(int) V(load_aligned)(const void *from) { return SI(load)(from); }
XQ_INLINE void V(store_int)(void *to, V(int) x) { SI(storeu)(to, x); }
XQ_INLINE void V(store_aligned)(void *to, V(int) x) { SI(store)(to, x); }

/* The first n bytes, or all of them where there are not so many. */
static inline void V(store_bytes)(uint8_t *to, V(int) x, uint32_t n) {
  uint8_t block[4 * LANES];
  if (n >= 4 * LANES) {
    V(store_int)(to, x);
    return;
  }
  V(store_int)(block, x);
  memcpy(to, block, n);
}

XQ_INLINE V(int) V(zero)(void) { return SI(setzero)(); }
XQ_INLINE V(int) V(splat8)(int32_t x) { return MM(set1_epi8)((char)x); }
XQ_INLINE V(int) V(splat16)(int32_t x) { return MM(set1_epi16)((int16_t)x); }
XQ_INLINE V(int) V(splat32)(int32_t x) { return MM(set1_epi32)(x); }
XQ_INLINE V(int) V(xor)(V(int) a, V(int) b) { return SI(xor)(a, b); }

/* Lanes of 8, 16 or 32 bits: s saturates with a sign, u without one. */
XQ_INLINE V(int) V(add16)(V(int) a, V(int) b) { return MM(add_epi16)(a, b); }
XQ_INLINE V(int) V(add16s)(V(int) a, V(int) b) { return MM(adds_epi16)(a, b); }
XQ_INLINE V(int) V(add32)(V(int) a, V(int) b) { return MM(add_epi32)(a, b); }
XQ_INLINE V(int) V(sub16)(V(int) a, V(int) b) { return MM(sub_epi16)(a, b); }
XQ_INLINE V(int) V(sub8u)(V(int) a, V(int) b) { return MM(subs_epu8)(a, b); }
XQ_INLINE V(int) V(min8u)(V(int) a, V(int) b) { return MM(min_epu8)(a, b); }
XQ_INLINE V(int) V(max8u)(V(int) a, V(int) b) { return MM(max_epu8)(a, b); }

/* The lower and the upper halves of products. */
XQ_INLINE V(int) V(mul16_low)(V(int) a, V(int) b) { return MM(mullo_epi16)(a, b); }
XQ_INLINE V(int) V(mul16_high)(V(int) a, V(int) b) { return MM(mulhi_epi16)(a, b); }

/* The products of 16-bit lanes in pairs, which are added to 32 bits. */
XQ_INLINE V(int) V(dot16)(V(int) a, V(int) b) { return MM(madd_epi16)(a, b); }
#if LANES > 4
/* The products of unsigned bytes of a and signed ones of b in pairs, which are added to 16 bits. */
XQ_INLINE V(int) V(dot8)(V(int) a, V(int) b) { return MM(maddubs_epi16)(a, b); }
#endif

/* To and from floats; the nearest integer, of two the even one. */
XQ_INLINE V(f32) V(to_f32)(V(int) x) { return MM(cvtepi32_ps)(x); }
XQ_INLINE V(int) V(round)(V(f32) x) { return MM(cvtps_epi32)(x); }

/* Within each 128 bits, the lanes of the lower or upper halves of a and b in turns, and back: the lanes of a, then those of b, saturated to half the bits. */
XQ_INLINE V(int) V(low8)(V(int) a, V(int) b) { return MM(unpacklo_epi8)(a, b); }
XQ_INLINE V(int) V(high8)(V(int) a, V(int) b) { return MM(unpackhi_epi8)(a, b); }
XQ_INLINE V(int) V(low16)(V(int) a, V(int) b) { return MM(unpacklo_epi16)(a, b); }
XQ_INLINE V(int) V(high16)(V(int) a, V(int) b) { return MM(unpackhi_epi16)(a, b); }
XQ_INLINE V(int) V(pack32s)(V(int) a, V(int) b) { return MM(packs_epi32)(a, b); }
XQ_INLINE V(int) V(pack16u)(V(int) a, V(int) b) { return MM(packus_epi16)(a, b); }

/* 16-bit lanes shifted to the right, with their sign, by a count that is the same for all; AVX-512 is quicker with one count for each. */
#if LANES == 16
typedef __m512i V(count);
static inline V(count) V(count_of)(uint32_t count) { return _mm512_set1_epi16((int16_t)count); }
static inline V(int) V(shift16)(V(int) x, V(count) count) { return _mm512_srav_epi16(x, count); }
#else
typedef __m128i V(count);
static inline V(count) V(count_of)(uint32_t count) { return _mm_cvtsi32_si128((int32_t)count); }
static inline V(int) V(shift16)(V(int) x, V(count) count) { return MM(sra_epi16)(x, count); }
#endif
XQ_INLINE V(int) V(shift16_by)(V(int) x, const int count) { return MM(srai_epi16)(x, count); }

/* As many bytes as 16-bit lanes, from memory. */
#if LANES == 16
XQ_INLINE V(int) V(widen)(const uint8_t *from) { return _mm512_cvtepu8_epi16(_mm256_loadu_si256((const void *)from)); }
#elif LANES == 8
XQ_INLINE V(int) V(widen)(const uint8_t *from) { return _mm256_cvtepu8_epi16(_mm_loadu_si128((const void *)from)); }
#endif

/* Where packing has made bytes of four vectors, the dwords of the four are in turns: this puts those of each vector together. */
XQ_INLINE V(int) V(in_order)(V(int) bytes) {
#if LANES == 4
  return bytes;
#elif LANES == 8
  static const int32_t order[LANES] = {0, 4, 1, 5, 2, 6, 3, 7};
  return _mm256_permutevar8x32_epi32(bytes, V(load_int)(order));
#else
  static const int32_t order[LANES] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};
  return _mm512_permutexvar_epi32(V(load_int)(order), bytes);
#endif
}

/* 4 LANES numbers of 16 bits as two vectors, in the order of low8 and high8 of bytes. */
#if LANES == 16
static inline void V(load_halves)(const int16_t *from, V(int) *low, V(int) *high) {
  const V(int) a = V(load_int)(from), b = V(load_int)(from + 2 * LANES);
  *low = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13), b);
  *high = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15), b);
}
#elif LANES == 8
static inline void V(load_halves)(const int16_t *from, V(int) *low, V(int) *high) {
  const V(int) a = V(load_int)(from), b = V(load_int)(from + 2 * LANES);
  *low = _mm256_permute2x128_si256(a, b, 0x20);
  *high = _mm256_permute2x128_si256(a, b, 0x31);
}
#endif

#include "simd/requantize.h"
