/* SPDX-License-Identifier: Apache-2.0 */
/* Sums a tile of up to 12 rows by 32 channels, or 14 by 16, with all accumulators in registers: vpdpbusd
 * multiplies four inputs of a row with four weights of each of 16 channels. Tiles of 48 and 64 channels are
 * slower, as fewer rows share each load of weights. */
#pragma once
#include "drivers/convolution.h"
#include "simd/vnni.h"

#define MAX_ROWS 14   /* of tiles one vector wide */
#define MAX_ROWS_2 12 /* of tiles two vectors wide */
#define MAX_VECTORS 2
#define MAX_ACCUMULATORS 28

static inline __m512i broadcast4(const uint8_t *from) {
  int32_t four;
  memcpy(&four, from, 4);
  return _mm512_set1_epi32(four);
}

/* With `half` only the lower half of the last vector counts, which takes half the time. */
XQ_INLINE void vnni_step(const int mr, const int vectors, const int half, __m512i *acc,
    const uint8_t *const *a, size_t k, const uint8_t *w) {
  __m512i weights[MAX_VECTORS];
  __asm__ volatile("" ::: "memory"); /* there are no registers to load anything ahead */
  XQ_EACH(v, vectors) weights[v] = _mm512_loadu_si512(w + 64 * v);
  XQ_EACH(i, mr) {
    __m512i four = broadcast4(a[i] + k);
    XQ_EACH(v, vectors) {
      if (half && v == vectors - 1) DOT_LOW(acc[i * vectors + v], four, weights[v]);
      else DOT(acc[i * vectors + v], four, weights[v]);
    }
  }
}

/* Adds the products of all taps to the accumulators of `mr` rows of a tile, whose pointers are at `taps`;
 * returns the end of their weights. */
XQ_INLINE const uint8_t *vnni_sum(const int mr, const int vectors, const int half, const struct conv_tile *t,
    const uint8_t *const *taps, __m512i acc[MAX_ACCUMULATORS], const uint8_t *w) {
  const int width = 16 * vectors;
  size_t bytes = t->p->tap_depth;
  for (uint32_t tap = 0; tap < t->tap_count; tap++, taps += t->rows) {
    size_t k = 0;
    for (; k + 16 <= bytes; k += 16) {
#pragma GCC unroll 8
      for (int u = 0; u < 4; u++, w += 4 * width) vnni_step(mr, vectors, half, acc, taps, k + 4 * u, w);
    }
    for (; k < bytes; k += 4, w += 4 * width) vnni_step(mr, vectors, half, acc, taps, k, w);
  }
  return w;
}

/* BLOCKS makes a table of functions, one per tile, of the family's block(rows, vectors, ...). */
struct epilogue;
typedef void block_fn(const struct conv_tile *, const uint8_t *, const struct epilogue *);

#define BLOCK(r, v) \
  static void block_##r##x##v(const struct conv_tile *t, const uint8_t *head, const struct epilogue *e) { \
    block(r, v, t, head, e); \
  }
#define ENTRY(r, v) [r - 1] = block_##r##x##v,
#define TILES_1(M) CONV_ROWS_12(M, 1) M(13, 1) M(14, 1)
#define TILES_2(M) CONV_ROWS_12(M, 2)
#define BLOCKS \
  TILES_1(BLOCK) TILES_2(BLOCK) \
  static block_fn *const blocks[MAX_VECTORS][MAX_ROWS] = {{TILES_1(ENTRY)}, {TILES_2(ENTRY)}};
