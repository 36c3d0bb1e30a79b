/* SPDX-License-Identifier: Apache-2.0 */
/* Sums a tile by the vpdpbusd of processors without AVX-512, which multiplies four inputs of a row with four
 * 8-bit weights in each lane. */
#pragma once
#include "igemm/family.h"
#include "drivers/convolution.h"
#include "simd/vector.h"
#include "simd/vnni.h"

#define TILE_ROWS 6

XQ_INLINE void dot_step(const int mr, const int vectors, V(int) acc[TILE_ROWS][2], const uint8_t *const *a,
    size_t k, const V(int) * weights) {
  const V(int) first = V(load_int)(weights), second = V(load_int)(weights + vectors - 1);
  XQ_EACH(i, mr) {
    int32_t four;
    memcpy(&four, a[i] + k, 4);
    const V(int) inputs = V(splat32)(four);
    DOT(acc[i][0], inputs, first);
    if (vectors == 2) DOT(acc[i][1], inputs, second);
  }
}

XQ_INLINE void dot_sum(const int mr, const int vectors, const struct conv_tile *t, const V(int) * weights,
    const struct igemm_step *residual, uint32_t count, V(int) acc[TILE_ROWS][2]) {
  const uint8_t *const *taps = t->taps;
  const size_t bytes = t->p->tap_depth;
  for (uint32_t tap = 0; tap < t->tap_count; tap++, taps += mr) {
    size_t k = 0;
    for (; k + 16 <= bytes; k += 16) {
#pragma GCC unroll 4
      for (int u = 0; u < 4; u++, weights += vectors) dot_step(mr, vectors, acc, taps, k + 4 * u, weights);
    }
    for (; k < bytes; k += 4, weights += vectors) dot_step(mr, vectors, acc, taps, k, weights);
  }
  for (; count; count--, residual++, weights += vectors)
    dot_step(mr, vectors, acc, t->taps + residual->tap * mr, residual->k, weights);
}
