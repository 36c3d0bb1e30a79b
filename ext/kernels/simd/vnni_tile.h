/* SPDX-License-Identifier: Apache-2.0 */
/* The products of a tile of a dense convolution of bytes, up to 12 rows by 32 channels or 14 by 16, all
 * accumulators in registers: four inputs of a row are broadcast, vpdpbusd multiplies them (unsigned) with
 * four weights (signed) of each of 16 channels. Tiles of 48 and 64 channels were measured and lost: fewer
 * rows share each load of weights. */
#pragma once
#include "drivers/convolution.h"
#include "simd/vnni.h"

#define MAX_ROWS 14   /* of one vector */
#define MAX_ROWS_2 12 /* of two */
#define MAX_VECTORS 2
#define MAX_ACCUMULATORS 28

static inline __m512i broadcast4(const uint8_t *from) {
  int32_t four;
  memcpy(&four, from, 4);
  return _mm512_set1_epi32(four);
}

/* half: of the last vector only the lower half counts, which takes half the time. */
XQ_INLINE void vnni_step(const int rows, const int vectors, const int half, __m512i *acc,
    const uint8_t *const *a, size_t k, const uint8_t *w) {
  __m512i weights[MAX_VECTORS];
  __asm__ volatile("" ::: "memory"); /* nothing is loaded ahead: there are no registers for it */
  XQ_EACH(v, vectors) weights[v] = _mm512_loadu_si512(w + 64 * v);
  XQ_EACH(i, rows) {
    __m512i four = broadcast4(a[i] + k);
    XQ_EACH(v, vectors) {
      if (half && v == vectors - 1) DOT_LOW(acc[i * vectors + v], four, weights[v]);
      else DOT(acc[i * vectors + v], four, weights[v]);
    }
  }
}

/* Adds the products of all taps to the accumulators of `rows` rows of a tile, from the one whose pointers are
 * at `taps` on. Returns what lies behind their weights. */
XQ_INLINE const uint8_t *vnni_sum(const int rows, const int vectors, const int half,
    const struct conv_tile *t, const uint8_t *const *taps, __m512i acc[MAX_ACCUMULATORS], const uint8_t *w) {
  const int width = 16 * vectors;
  size_t bytes = t->p->tap_depth;
  for (uint32_t tap = 0; tap < t->tap_count; tap++, taps += t->rows) {
    size_t k = 0;
    for (; k + 16 <= bytes; k += 16) {
#pragma GCC unroll 8
      for (int u = 0; u < 4; u++, w += 4 * width) vnni_step(rows, vectors, half, acc, taps, k + 4 * u, w);
    }
    for (; k < bytes; k += 4, w += 4 * width) vnni_step(rows, vectors, half, acc, taps, k, w);
  }
  return w;
}

/* BLOCKS: a function for each tile, made of the family's block(rows, vectors, tile, weights, epilogue), and
 * the table of them. */
struct epilogue;
typedef void block_fn(const struct conv_tile *, const uint8_t *, const struct epilogue *);

#define BLOCK(r, v) \
  static void block_##r##x##v(const struct conv_tile *t, const uint8_t *head, const struct epilogue *e) { \
      block(r, v, t, head, e); }
#define ENTRY(r, v) [r - 1] = block_##r##x##v,
#define ROWS_12(M, v) M(1, v) M(2, v) M(3, v) M(4, v) M(5, v) M(6, v) M(7, v) M(8, v) M(9, v) M(10, v) \
  M(11, v) M(12, v)
#define TILES_1(M) ROWS_12(M, 1) M(13, 1) M(14, 1)
#define BLOCKS \
  TILES_1(BLOCK) ROWS_12(BLOCK, 2) \
  static block_fn *const blocks[MAX_VECTORS][MAX_ROWS] = {{TILES_1(ENTRY)}, {ROWS_12(ENTRY, 2)}};
