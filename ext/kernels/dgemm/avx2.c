/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of simd/madd_tile.h. */
#include "dgemm/driver.h"
#include "simd/madd_tile.h"

/* Gives what the products of eight channels of a row are added to. */
static inline __m256i begin_with(struct xq_quantized_row row, const int32_t *sums) {
  return _mm256_mullo_epi32(
      _mm256_loadu_si256((const __m256i *)sums), _mm256_set1_epi32((int32_t) - (uint32_t)row.zero_point));
}

/* Turns the sums of eight channels of a row to floats. */
static inline __m256 finish(const struct xq_dgemm_params *p, struct xq_quantized_row row, __m256i acc,
    const float *scale, const float *bias) {
  const __m256 x = _mm256_mul_ps(_mm256_cvtepi32_ps(acc), _mm256_set1_ps(row.scale));
  const __m256 y = _mm256_fmadd_ps(x, _mm256_loadu_ps(scale), _mm256_loadu_ps(bias));
  return _mm256_min_ps(_mm256_set1_ps(p->high), _mm256_max_ps(_mm256_set1_ps(p->low), y));
}

XQ_INLINE void block(const int mr, const struct conv_tile *t, const struct xq_quantized_row *factors,
    const int16_t *a, const uint8_t *weights, uint32_t n) {
  const float *bias = (const float *)(weights + DGEMM_HEAD), *scale = bias + 16;
  const int32_t *sums = (const int32_t *)(scale + 16);
  __m256i acc[MADD_ROWS][2];
  for (int i = 0; i < mr; i++)
    acc[i][0] = begin_with(factors[i], sums), acc[i][1] = begin_with(factors[i], sums + 8);
  madd_sum(mr, 2, t, a, (const __m256i *)(sums + 16), acc);
  const uint32_t channels = t->p->out_c - n;
  for (int i = 0; i < mr; i++) {
    float all[16], *to = channels >= 16 ? t->out[i] + n : all;
    _mm256_storeu_ps(to, finish(t->p, factors[i], acc[i][0], scale, bias));
    _mm256_storeu_ps(to + 8, finish(t->p, factors[i], acc[i][1], scale + 8, bias + 8));
    if (channels < 16) memcpy(t->out[i] + n, all, channels * sizeof(float));
  }
}

static void run(const struct conv_tile *t) {
  const struct xq_dgemm_params *p = t->p;
  int16_t *a = (int16_t *)t->scratch;
  const uint8_t *weights = t->weights;
  struct xq_quantized_row factors[CONV_MAX_ROWS];
  dgemm_factors(t, factors);
  widen(t, a);
  for (uint32_t n = 0; n < p->out_c; n += 16) {
    switch (t->rows) {
    case 1: block(1, t, factors, a, weights, n); break;
    case 2: block(2, t, factors, a, weights, n); break;
    case 3: block(3, t, factors, a, weights, n); break;
    case 4: block(4, t, factors, a, weights, n); break;
    case 5: block(5, t, factors, a, weights, n); break;
    default: block(6, t, factors, a, weights, n); break;
    }
    weights += DGEMM_HEAD + 16 * (12 + 2 * (size_t)t->tap_count * p->tap_depth);
  }
}

void xq_dgemm__avx2_tile(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  dgemm_run(plan, params, begin, end, worker, run);
}
