/* SPDX-License-Identifier: Apache-2.0 */
/* Sums a tile of up to MADD_ROWS rows by two vectors of channels, with all accumulators in registers: inputs
 * are widened to 16 bits once, pairs of them are broadcast, and pmaddwd adds two products per lane. pmaddubsw
 * would need no widening, but its 16-bit sums overflow for every real layer. */
#pragma once
#include "drivers/convolution.h"
#include "simd/vector.h"

#if LANES == 16
#define MADD_ROWS 12
#else
#define MADD_ROWS 6
#endif

/* The 16-bit inputs of a tap, whole loads of 16 bytes. */
static inline uint32_t madd_depth(const conv_params *p) { return (p->tap_depth + 15) / 16 * 16; }

/* Widens 8 inputs of each row, then the next 8, so that a step finds all rows from one pointer. */
static void widen(const struct conv_tile *t, int16_t *to) {
  const uint32_t bytes = t->p->tap_depth, mr = t->rows, step = 8 * mr;
  const __m128i zero = _mm_setzero_si128();
  for (uint32_t tap = 0; tap < t->tap_count; tap++, to += mr * madd_depth(t->p))
    for (uint32_t i = 0; i < mr; i++) {
      const uint8_t *from = t->taps[tap * mr + i];
      int16_t *at = to + 8 * i;
      for (uint32_t k = 0; k < bytes; k += 16, at += 2 * step) {
        const __m128i x = _mm_loadu_si128((const __m128i *)(from + k));
        _mm_store_si128((__m128i *)at, _mm_unpacklo_epi8(x, zero));
        _mm_store_si128((__m128i *)(at + step), _mm_unpackhi_epi8(x, zero));
      }
    }
}

XQ_INLINE V(int) pair_at(const int16_t *from) {
#if LANES == 4 && defined(__AVX__)
  return _mm_castps_si128(_mm_broadcast_ss((const float *)from)); /* set1 would be a load and a shuffle */
#endif
  int32_t pair;
  memcpy(&pair, from, 4);
  return V(splat32)(pair);
}

/* Broadcasts pair `index` of four. SSE cannot broadcast from memory, but shuffles what it loads. */
XQ_INLINE V(int) pair_of(const int16_t *from, const int index) {
#ifdef __AVX__
  return pair_at(from + 2 * index);
#else
  const __m128i four = _mm_load_si128((const __m128i *)from);
  switch (index) {
  case 0: return _mm_shuffle_epi32(four, 0);
  case 1: return _mm_shuffle_epi32(four, 0x55);
  case 2: return _mm_shuffle_epi32(four, 0xaa);
  default: return _mm_shuffle_epi32(four, 0xff);
  }
#endif
}

/* Multiplies first and adds then, which Zen 4 does a tenth faster. It is assembly since GCC 12 spills
 * accumulators around intrinsics. */
XQ_INLINE void madd_step(const int vectors, V(int) acc[2], V(int) pair, const V(int) w[2]) {
  V(int) x;
#ifdef __AVX__
  if (vectors == 2)
    __asm__("vpmaddwd %4, %2, %3\n\tvpmaddwd %5, %2, %2\n\tvpaddd %3, %0, %0\n\tvpaddd %2, %1, %1"
            : "+v"(acc[0]), "+v"(acc[1]), "+v"(pair), "=&v"(x)
            : "v"(w[0]), "v"(w[1]));
  else __asm__("vpmaddwd %2, %1, %1\n\tvpaddd %1, %0, %0" : "+v"(acc[0]), "+v"(pair) : "v"(w[0]));
#else
  if (vectors == 2)
    __asm__ volatile("movdqa %2, %3\n\tpmaddwd %4, %3\n\tpmaddwd %5, %2\n\tpaddd %3, %0\n\tpaddd %2, %1"
                     : "+x"(acc[0]), "+x"(acc[1]), "+x"(pair), "=&x"(x)
                     : "x"(w[0]), "x"(w[1])
                     : "memory"); /* there is no register to load anything ahead */
  else __asm__("pmaddwd %2, %1\n\tpaddd %1, %0" : "+x"(acc[0]), "+x"(pair) : "x"(w[0]));
#endif
}

XQ_INLINE void load_weights(const int vectors, const V(int) * from, V(int) w[2]) {
  w[0] = V(load_int)(from);
  if (vectors == 2) w[1] = V(load_int)(from + 1);
}

/* Adds all products to the accumulators; `a` has the widened inputs. */
XQ_INLINE void madd_sum(const int mr, const int vectors, const struct conv_tile *t, const int16_t *a,
    const V(int) * weights, V(int) acc[MADD_ROWS][2]) {
  const uint32_t bytes = t->p->tap_depth;
  V(int) w[2];
  for (uint32_t tap = 0; tap < t->tap_count; tap++, a += mr * madd_depth(t->p)) {
    const int16_t *at = a;
    for (uint32_t k = bytes / 8; k; k--, at += 8 * mr) {
#pragma GCC unroll 4
      for (int j = 0; j < 4; j++, weights += vectors) {
        load_weights(vectors, weights, w);
        XQ_EACH(i, mr) madd_step(vectors, acc[i], pair_of(at + 8 * i, j), w);
      }
    }
    for (uint32_t k = bytes % 8; k; k -= 2, at += 2, weights += vectors) {
      load_weights(vectors, weights, w);
      XQ_EACH(i, mr) madd_step(vectors, acc[i], pair_at(at + 8 * i), w);
    }
  }
}
