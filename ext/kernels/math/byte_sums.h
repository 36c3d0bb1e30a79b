/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of bytes, for SUMS neighbours at a time. */
#pragma once
#include "simd/vector.h"

#define SUMS 64       /* up to SUMS - 1 bytes too many are read, from the slack */
#define MAX_BYTES 257 /* whose sum fits 16 bits */

#if XQ_LANES > 1
#define HALVES (SUMS * 2 / XQ_BYTES)

static inline void short_sums(const uint8_t *in, size_t step, uint32_t count, uint16_t sum[SUMS]) {
  V(int) acc[HALVES];
  for (int k = 0; k < HALVES; k++) acc[k] = V(splat16)(0);
  for (uint32_t i = 0; i < count; i++, in += step)
    for (int k = 0; k < HALVES; k++) acc[k] = V(add16)(acc[k], V(widen)(in + k * (XQ_BYTES / 2)));
  memcpy(sum, acc, sizeof(acc));
}
#else
static inline void short_sums(const uint8_t *in, size_t step, uint32_t count, uint16_t sum[SUMS]) {
  memset(sum, 0, SUMS * sizeof(*sum));
  for (uint32_t i = 0; i < count; i++, in += step)
    for (uint32_t c = 0; c < SUMS; c++) sum[c] = (uint16_t)(sum[c] + in[c]);
}
#endif

/* sum[c] += in[i * step + c] for i < count. */
static inline void add_bytes(const uint8_t *in, size_t step, uint32_t count, int32_t sum[SUMS]) {
  for (uint32_t n; count; count -= n, in += n * step) {
    uint16_t part[SUMS];
    n = count < MAX_BYTES ? count : MAX_BYTES;
    short_sums(in, step, n, part);
    for (uint32_t c = 0; c < SUMS; c++) sum[c] += part[c];
  }
}

/* Adds `count` contiguous rows of `width` bytes, several narrow ones at a time. */
static inline void add_rows(const uint8_t *in, uint32_t width, uint32_t count, int32_t sum[SUMS]) {
  const uint32_t rows = width < SUMS ? SUMS / width : 1, rest = count % rows;
  int32_t wide[SUMS] = {0};
  if (rows == 1) {
    add_bytes(in, width, count, sum);
    return;
  }
  add_bytes(in, (size_t)rows * width, count / rows, wide);
  add_bytes(in + (size_t)(count - rest) * width, width, rest, sum);
  for (uint32_t row = 0; row < rows; row++)
    for (uint32_t c = 0; c < width; c++) sum[c] += wide[row * width + c];
}
