/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors of LANES int32 under names that do not change, for bodies that are compiled for several x86 instruction sets: 4 lanes are SSE2 or AVX, 8 AVX2, 16
 * AVX-512. Included once for each number of lanes that a file uses. */
#include <immintrin.h>
#include <string.h>

#undef MM
#undef SI
#undef VI
#undef VF
#if LANES == 16
#define MM(op) _mm512_##op
#define SI(op) _mm512_##op##_si512
#define VI __m512i
#define VF __m512
#elif LANES == 8
#define MM(op) _mm256_##op
#define SI(op) _mm256_##op##_si256
#define VI __m256i
#define VF __m256
#else
#define MM(op) _mm_##op
#define SI(op) _mm_##op##_si128
#define VI __m128i
#define VF __m128
#endif
#define FN(name) XQ_CAT3(name, _, LANES)

/* What sums become after their scale: bytes between low and high. */
struct FN(range) {
  VI zero_point, low, high;
};

static inline struct FN(range) FN(range_of)(int32_t zero_point, int32_t low, int32_t high) {
  return (struct FN(range)){MM(set1_epi16)((int16_t)zero_point), MM(set1_epi8)((char)low), MM(set1_epi8)((char)high)};
}

XQ_INLINE VI FN(rescale)(VI acc, VF scale) { return MM(cvtps_epi32)(MM(mul_ps)(MM(cvtepi32_ps)(acc), scale)); }

/* Four rescaled vectors to bytes: in each 128 bits four bytes of each of them. */
XQ_INLINE VI FN(to_bytes)(const struct FN(range) *r, const VI x[4]) {
  const VI first = MM(adds_epi16)(MM(packs_epi32)(x[0], x[1]), r->zero_point), second = MM(adds_epi16)(MM(packs_epi32)(x[2], x[3]), r->zero_point);
  return MM(min_epu8)(MM(max_epu8)(MM(packus_epi16)(first, second), r->low), r->high);
}

#ifndef XQ_COPY_FEW
#define XQ_COPY_FEW
/* `count` bytes, fewer than 64. */
static inline void xq_copy_few(uint8_t *to, const uint8_t *from, uint32_t count) {
#pragma GCC unroll 6
  for (uint32_t size = 32; size; size /= 2)
    if (count & size) {
      memcpy(to, from, size);
      to += size, from += size;
    }
}
#endif
