/* SPDX-License-Identifier: Apache-2.0 */
/* 16 channels at a time: two taps are widened to 16 bits and interleaved, vpmaddwd multiplies and adds them. */
#include <immintrin.h>

#include "dwconv/driver.h"

static inline __m256i requantize(__m256i acc_i32x8, const float *scale, __m256 high_f32x8) {
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(acc_i32x8), _mm256_loadu_ps(scale)), high_f32x8));
}

static void run(const struct depthwise_line *l) {
  const struct xq_dwconv_params *p = l->p;
  const uint8_t **at = (const uint8_t **)l->scratch;
  const uint32_t taps = p->kernel_h * p->kernel_w;
  at[taps] = l->zero; /* makes a pair of the last one */
  __m256 high = _mm256_set1_ps((float)(p->high - p->zero_point));
  __m256i zero_point = _mm256_set1_epi16((int16_t)p->zero_point), low = _mm256_set1_epi8((char)p->low);
  for (uint32_t x = 0; x < p->out_w; x++) {
    depthwise_point(l, x, at, 1);
    const uint8_t *block = l->weights;
    for (uint32_t c = 0; c < p->out_c; c += 16) {
      const int32_t *bias = (const int32_t *)(block + sizeof(struct dwconv_block));
      const float *scale = (const float *)(bias + 16);
      const __m256i *w = (const __m256i *)(bias + 32);
      __m256i acc0 = _mm256_loadu_si256((const __m256i *)bias), acc1 = _mm256_loadu_si256((const __m256i *)(bias + 8));
      for (uint32_t t = 0; t < taps; t += 2, w += 2) {
        __m256i a = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(at[t] + c)));
        __m256i b = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(at[t + 1] + c)));
        acc0 = _mm256_add_epi32(acc0, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), _mm256_loadu_si256(w)));
        acc1 = _mm256_add_epi32(acc1, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), _mm256_loadu_si256(w + 1)));
      }
      __m256i y = _mm256_adds_epi16(_mm256_packs_epi32(requantize(acc0, scale, high), requantize(acc1, scale + 8, high)), zero_point);
      y = _mm256_max_epu8(_mm256_packus_epi16(y, y), low);
      __m128i bytes = _mm_unpacklo_epi64(_mm256_castsi256_si128(y), _mm256_extracti128_si256(y, 1));
      uint8_t *out = l->out + (size_t)x * p->out_pixel + c;
      if (p->out_c - c >= 16) {
        _mm_storeu_si128((__m128i *)out, bytes);
      } else {
        uint8_t all[16];
        _mm_storeu_si128((__m128i *)all, bytes);
        memcpy(out, all, p->out_c - c);
      }
      block = (const uint8_t *)w;
    }
  }
}

void xq_dwconv__avx2_taps(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, run);
}
