/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of simd/vnni_tile.h. */
#include "dgemm/driver.h"
#include "simd/vnni_tile.h"

struct epilogue {
  struct xq_quantized_row rows[CONV_MAX_ROWS];
  uint32_t first, channels; /* the block's first channel, and how many there are from there on */
};

XQ_INLINE void block(const int mr, const int vectors, const struct conv_tile *t, const uint8_t *head,
    const struct epilogue *e) {
  const int width = 16 * vectors;
  const float *bias = (const float *)(head + DGEMM_HEAD), *scale = bias + width;
  const int32_t *sums = (const int32_t *)(scale + width);
  __m512i acc[MAX_ACCUMULATORS];
  XQ_EACH(i, mr * vectors) acc[i] = _mm512_setzero_si512();
  vnni_sum(mr, vectors, 0, t, t->taps, acc, (const uint8_t *)(sums + width));
  const __m512 low = _mm512_set1_ps(t->p->low), high = _mm512_set1_ps(t->p->high);
  XQ_EACH(v, vectors) {
    if (e->channels <= 16u * v) continue;
    const uint32_t rest = e->channels - 16u * v;
    const __mmask16 mask = (__mmask16)(rest >= 16 ? 0xffffu : (1u << rest) - 1);
    const __m512i sum = _mm512_loadu_si512(sums + 16 * v);
    const __m512 factor = _mm512_loadu_ps(scale + 16 * v), added = _mm512_loadu_ps(bias + 16 * v);
    XQ_EACH(i, mr) {
      const __m512i centred = _mm512_sub_epi32(
          acc[i * vectors + v], _mm512_mullo_epi32(sum, _mm512_set1_epi32(e->rows[i].zero_point)));
      __m512 x = _mm512_mul_ps(_mm512_cvtepi32_ps(centred), _mm512_set1_ps(e->rows[i].scale));
      x = _mm512_min_ps(high, _mm512_max_ps(low, _mm512_fmadd_ps(x, factor, added)));
      _mm512_mask_storeu_ps(t->out[i] + e->first + 16 * v, mask, x);
    }
  }
}

BLOCKS

static void run(const struct conv_tile *t) {
  const struct xq_dgemm_params *p = t->p;
  struct epilogue e;
  dgemm_factors(t, e.rows);
  const uint8_t *weights = t->weights;
  for (uint32_t n = 0; n < p->out_c;) {
    e.channels = p->out_c - n;
    uint32_t vectors = e.channels > 16 * p->vectors ? p->vectors : p->tail;
    e.first = n;
    blocks[vectors - 1][t->rows - 1](t, weights, &e);
    weights += DGEMM_HEAD + 16 * vectors * (12 + (size_t)t->tap_count * p->tap_depth);
    n += 16 * vectors;
  }
}

void xq_dgemm__avx512vnni_tile(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  dgemm_run(plan, params, begin, end, worker, run);
}
