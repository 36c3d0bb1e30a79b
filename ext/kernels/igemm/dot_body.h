/* SPDX-License-Identifier: Apache-2.0 */
/* The products of a tile as in madd.h, by the vpdpbusd of processors without AVX-512: four inputs of a row are broadcast as they are, and multiplied with four
 * 8-bit weights in each lane. */
#include "lanes.h"
#include "vexdot.h"

#define TILE_ROWS 6

/* What the kernels prepare for a tile: the sum of the inputs of each row, where weights need it. */
typedef int32_t tile_inputs;

/* Sum of `bytes` bytes; what lies behind them does not count. */
static inline uint32_t sum_bytes(const uint8_t *from, uint32_t bytes) {
  static const uint8_t kept[32] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
  __m128i sum = _mm_setzero_si128();
  const __m128i last = _mm_loadu_si128((const __m128i *)(kept + 16 - bytes % 16));
  uint32_t k = 0;
  for (; bytes - k >= 16; k += 16) sum = _mm_add_epi64(sum, _mm_sad_epu8(_mm_loadu_si128((const __m128i *)(from + k)), _mm_setzero_si128()));
  if (k < bytes) sum = _mm_add_epi64(sum, _mm_sad_epu8(_mm_and_si128(_mm_loadu_si128((const __m128i *)(from + k)), last), _mm_setzero_si128()));
  return (uint32_t)_mm_cvtsi128_si32(_mm_add_epi64(sum, _mm_unpackhi_epi64(sum, sum)));
}

static void prepare(const struct conv_tile *t, tile_inputs *sums) {
  const struct xq_igemm_params *p = t->p;
  const uint32_t bytes = p->row_taps ? p->kernel_w * p->in_c : p->in_c;
  for (uint32_t i = 0; p->row_sums && i < t->rows; i++) {
    uint32_t sum = 0;
    for (uint32_t tap = 0; tap < t->tap_count; tap++) sum += sum_bytes(t->taps[tap * t->rows + i], bytes);
    sums[i] = (int32_t)sum;
  }
}

static inline __attribute__((always_inline)) void step(const int rows, const int vectors, VI acc[TILE_ROWS][2], const uint8_t *const *a, size_t k,
                                                       const VI *weights) {
  const VI first = SI(loadu)(weights), second = SI(loadu)(weights + vectors - 1);
#pragma GCC unroll 8
  for (int i = 0; i < rows; i++) {
    int32_t four;
    memcpy(&four, a[i] + k, 4);
    const VI inputs = MM(set1_epi32)(four);
    DOT(acc[i][0], inputs, first);
    if (vectors == 2) DOT(acc[i][1], inputs, second);
  }
}

/* Adds all products to the accumulators of a tile. */
static inline __attribute__((always_inline)) void accumulate(const int rows, const int vectors, const struct conv_tile *t, const tile_inputs *sums,
                                                             const VI *weights, VI acc[TILE_ROWS][2]) {
  const uint8_t *const *taps = t->taps;
  const size_t bytes = t->p->tap_depth;
  for (uint32_t tap = 0; tap < t->tap_count; tap++, taps += rows) {
    size_t k = 0;
    for (; k + 16 <= bytes; k += 16) {
#pragma GCC unroll 4
      for (int u = 0; u < 4; u++, weights += vectors) step(rows, vectors, acc, taps, k + 4 * u, weights);
    }
    for (; k < bytes; k += 4, weights += vectors) step(rows, vectors, acc, taps, k, weights);
  }
}

/* Adds what is missing for channels whose weights were packed with another zero point: a multiple of the sum of the inputs. */
static inline __attribute__((always_inline)) void correct(const int rows, const int vectors, const uint8_t *head, const tile_inputs *sums,
                                                          VI acc[TILE_ROWS][2]) {
  if (!((const struct igemm_block *)head)->fix_mask) return;
  const int32_t *fix = (const int32_t *)(head + sizeof(struct igemm_block)) + 2 * LANES * vectors;
#pragma GCC unroll 2
  for (int v = 0; v < vectors; v++) {
    const VI factor = SI(loadu)((const void *)(fix + LANES * v));
#pragma GCC unroll 8
    for (int i = 0; i < rows; i++) acc[i][v] = MM(add_epi32)(acc[i][v], MM(mullo_epi32)(factor, MM(set1_epi32)(sums[i])));
  }
}
