/* SPDX-License-Identifier: Apache-2.0 */
#include "prelu/family.h"
#include "elementwise.h"
#include "bytes.h"

/* Four vectors of 32-bit results at a time are packed; the packing leaves groups of four of them in turn. */
#define FLOATS (XQ_BYTES / 4)
#if XQ_BYTES == 64
#define WIDEN(from) _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)(from)))
#define BELOW_ZERO(x, below, other) _mm512_mask_mov_ps(other, _mm512_movepi32_mask(x), below)
#define IN_ORDER _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15)
#define PERMUTE(x, order) _mm512_permutexvar_epi32(order, x)
#else
#define WIDEN(from) _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(from)))
#define BELOW_ZERO(x, below, other) _mm256_blendv_ps(other, below, _mm256_castsi256_ps(x))
#define IN_ORDER _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7)
#define PERMUTE(x, order) _mm256_permutevar8x32_epi32(x, order)
#endif

static inline xq_bytes moved(const uint8_t *in, const float *slopes, const float *biases, xq_bytes zero, xq_floats scale, xq_floats bias) {
  const xq_bytes x = XQ_V(sub_epi32)(WIDEN(in), zero);
  const xq_floats product = XQ_V(mul_ps)(XQ_V(cvtepi32_ps)(x), BELOW_ZERO(x, XQ_V(loadu_ps)(slopes), scale));
  return XQ_V(cvtps_epi32)(XQ_V(add_ps)(product, BELOW_ZERO(x, XQ_V(loadu_ps)(biases), bias)));
}

static void map(const struct xq_prelu_params *p, const uint8_t *in, const float *slopes, const float *biases, uint8_t *out, uint32_t n) {
  const xq_bytes zero = XQ_V(set1_epi32)(p->in_zero), order = IN_ORDER;
  const xq_floats scale = XQ_V(set1_ps)(p->scale), bias = XQ_V(set1_ps)(p->bias);
  const struct xq_output output = XQ_OUTPUT(p);
  for (uint32_t i = 0; i < n; i += XQ_BYTES) {
    xq_bytes quarters[4];
    for (uint32_t k = 0, at = i; k < 4; k++, at += FLOATS) quarters[k] = moved(in + at, slopes + at, biases + at, zero, scale, bias);
    const xq_bytes first = XQ_V(packs_epi32)(quarters[0], quarters[1]), second = XQ_V(packs_epi32)(quarters[2], quarters[3]);
    xq_store_bytes(out + i, PERMUTE(xq_finish(first, second, &output), order), n - i);
  }
}

#include "prelu/body.h"
