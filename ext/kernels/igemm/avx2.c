/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of madd.h. 16-bit weights hold any difference w - zero point of two uint8 values, so uint8 models need nothing extra. */
#include "igemm/family.h"
#include "convolution.h"
#include "madd.h"

static inline __m256i requantize(__m256i acc_i32x8, __m256 scale_f32x8, __m256 high_f32x8) {
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(acc_i32x8), scale_f32x8), high_f32x8));
}

static inline __attribute__((always_inline)) void block(const int rows, const int16_t *a, uint32_t depth, const uint8_t *weights, const struct xq_igemm_params *p,
                                                        uint8_t *const *out, uint32_t n) {
  const __m256i *w = (const __m256i *)(weights + sizeof(struct igemm_block) + 3 * 64);
  const int32_t *bias = (const int32_t *)(weights + sizeof(struct igemm_block));
  const float *scale = (const float *)(bias + 16);
  __m256i acc[MAX_ROWS][2];
  for (int i = 0; i < rows; i++) acc[i][0] = _mm256_loadu_si256((const __m256i *)bias), acc[i][1] = _mm256_loadu_si256((const __m256i *)(bias + 8));
  accumulate(rows, a, depth, w, acc);
  __m256 high = _mm256_set1_ps((float)(p->high - p->zero_point));
  __m256i zero_point = _mm256_set1_epi16((int16_t)p->zero_point), low = _mm256_set1_epi8((char)p->low);
  const uint32_t channels = p->out_c - n;
  for (int i = 0; i < rows; i++) {
    __m256i x = _mm256_packs_epi32(requantize(acc[i][0], _mm256_loadu_ps(scale), high), requantize(acc[i][1], _mm256_loadu_ps(scale + 8), high));
    x = _mm256_adds_epi16(x, zero_point);
    x = _mm256_max_epu8(_mm256_packus_epi16(x, x), low);
    __m128i bytes = _mm_unpacklo_epi64(_mm256_castsi256_si128(x), _mm256_extracti128_si256(x, 1));
    if (channels >= 16) {
      _mm_storeu_si128((__m128i *)(out[i] + n), bytes);
    } else {
      uint8_t all[16];
      _mm_storeu_si128((__m128i *)all, bytes);
      memcpy(out[i] + n, all, channels);
    }
  }
}

static void run(const struct conv_tile *t) {
  const struct xq_igemm_params *p = t->p;
  int16_t *a = (int16_t *)t->scratch;
  uint32_t depth = t->tap_count * p->tap_depth;
  const uint8_t *weights = t->weights;
  widen(t, a);
  for (uint32_t n = 0; n < p->out_c; n += 16) {
    switch (t->rows) {
      case 1: block(1, a, depth, weights, p, t->out, n); break;
      case 2: block(2, a, depth, weights, p, t->out, n); break;
      case 3: block(3, a, depth, weights, p, t->out, n); break;
      case 4: block(4, a, depth, weights, p, t->out, n); break;
      case 5: block(5, a, depth, weights, p, t->out, n); break;
      default: block(6, a, depth, weights, p, t->out, n); break;
    }
    weights += sizeof(struct igemm_block) + 16 * (12 + 2 * (size_t)depth);
  }
}

void xq_igemm__avx2_tile(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run);
}
