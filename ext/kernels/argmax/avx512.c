/* SPDX-License-Identifier: Apache-2.0 */
/* Neighbouring bytes: the greatest byte by halving vectors, then the first place where it stands. */
#include <immintrin.h>

#include "argmax/family.h"

/* Bytes [from, from + 64) of `count` with the bits of `flip` changed, 0 behind the end: no element is less. */
static inline __m512i load(const uint8_t *in, uint32_t from, uint32_t count, __m512i flip) {
  const uint32_t rest = count - from;
  const __mmask64 mask = rest >= 64 ? ~(__mmask64)0 : ((__mmask64)1 << rest) - 1;
  return _mm512_maskz_mov_epi8(mask, _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, in + from), flip));
}

static inline uint8_t greatest(__m512i x) {
  __m256i half = _mm256_max_epu8(_mm512_castsi512_si256(x), _mm512_extracti64x4_epi64(x, 1));
  __m128i quarter = _mm_max_epu8(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
  __m128i least = _mm_xor_si128(quarter, _mm_set1_epi8(-1)); /* phminposuw finds the least of eight 16-bit numbers */
  least = _mm_minpos_epu16(_mm_min_epu8(least, _mm_srli_epi16(least, 8)));
  return (uint8_t)~_mm_cvtsi128_si32(least);
}

static inline uint32_t first_greatest(const uint8_t *in, uint32_t count, __m512i flip) {
  __m512i max = load(in, 0, count, flip);
  for (uint32_t i = 64; i < count; i += 64) max = _mm512_max_epu8(max, load(in, i, count, flip));
  __m512i wanted = _mm512_set1_epi8((char)greatest(max));
  for (uint32_t i = 0;; i += 64) {
    __mmask64 found = _mm512_cmpeq_epu8_mask(load(in, i, count, flip), wanted);
    if (found) return i + (uint32_t)__builtin_ctzll(found);
  }
}

void xq_argmax__avx512_body(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_argmax_params *p = params;
  const __m512i flip = _mm512_set1_epi8(p->least ? -1 : 0); /* the least byte is the greatest one of those with all bits flipped */
  const int whole = p->inner == 1 && p->type == 0;
  for (uint32_t i = begin * RESULTS, stop = xq_argmax_stop(p, end); i < stop; i++) {
    const uint32_t found = whole ? first_greatest(xq_at(plan, p->in) + (size_t)i * p->count, p->count, flip) : xq_argmax_strided(plan, p, i);
    xq_argmax_store(p, xq_at(plan, p->out), i, found);
  }
}
