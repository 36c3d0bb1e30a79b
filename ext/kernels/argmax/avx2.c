/* SPDX-License-Identifier: Apache-2.0 */
/* Neighbouring bytes become 16-bit keys: the byte above its index, all bits of the byte flipped where the
 * greatest is wanted. The smallest key is that of the first wanted byte; phminposuw finds it among the last
 * eight. Indices count from the start of a block of 256. */
#include <immintrin.h>

#include "argmax/family.h"

#define BLOCK 256

/* flip: of the bytes; beyond: what makes the largest keys of those behind the end in the last vector. */
static inline uint32_t least_key(const uint8_t *in, uint32_t count, __m256i flip, __m256i beyond) {
  __m256i index = _mm256_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20,
      21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
  __m256i min = _mm256_set1_epi8(-1);
  for (uint32_t i = 0; i < count; i += 32) {
    __m256i x = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(in + i)), flip);
    if (count - i < 32) x = _mm256_or_si256(x, beyond);
    min = _mm256_min_epu16(
        min, _mm256_min_epu16(_mm256_unpacklo_epi8(index, x), _mm256_unpackhi_epi8(index, x)));
    index = _mm256_add_epi8(index, _mm256_set1_epi8(32));
  }
  const __m128i half = _mm_min_epu16(_mm256_castsi256_si128(min), _mm256_extracti128_si256(min, 1));
  return (uint32_t)_mm_cvtsi128_si32(_mm_minpos_epu16(half)) & 0xffff;
}

static inline uint32_t first_wanted(const uint8_t *in, uint32_t count, __m256i flip, __m256i beyond) {
  uint32_t best = least_key(in, count < BLOCK ? count : BLOCK, flip, beyond), block = 0;
  for (uint32_t i = BLOCK; i < count; i += BLOCK) {
    const uint32_t key = least_key(in + i, count - i < BLOCK ? count - i : BLOCK, flip, beyond);
    if (key >> 8 < best >> 8) best = key, block = i;
  }
  return block + (best & 255);
}

#define COLUMNS 32

/* The first wanted element of each of n columns, up to COLUMNS; rows are `pitch` bytes apart. Most rows
 * change none of them. */
static inline void first_of_columns(
    const uint8_t *in, uint32_t count, size_t pitch, uint32_t n, __m256i flip, uint32_t best[COLUMNS]) {
  const uint32_t wanted = n < COLUMNS ? (1u << n) - 1 : UINT32_MAX;
  __m256i max = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)in), flip);
  for (uint32_t i = 0; i < n; i++) best[i] = 0;
  for (uint32_t k = 1; k < count; k++) {
    const __m256i x =
        _mm256_min_epu8(max, _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(in + k * pitch)), flip));
    uint32_t better = ~(uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, max)) & wanted;
    if (better) max = x;
    for (; better; better &= better - 1) best[__builtin_ctz(better)] = k;
  }
}

static void columns(const struct xq_plan *plan, const struct xq_argmax_params *p, uint32_t begin,
    uint32_t stop, __m256i flip) {
  for (uint32_t i = begin, n; i < stop; i += n) {
    const uint32_t column = i % p->inner;
    uint32_t best[COLUMNS];
    n = p->inner - column < COLUMNS ? p->inner - column : COLUMNS;
    n = stop - i < n ? stop - i : n;
    first_of_columns(xq_at(plan, p->in) + (size_t)(i / p->inner) * p->count * p->inner + column, p->count,
        p->inner, n, flip, best);
    for (uint32_t c = 0; c < n; c++) xq_argmax_store(p, xq_at(plan, p->out), i + c, best[c]);
  }
}

void xq_argmax__avx2_body(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_argmax_params *p = params;
  const __m256i flip = _mm256_set1_epi8(p->least ? 0 : -1);
  const int whole = p->inner == 1 && p->type == BYTES;
  if (p->inner > 1 && p->type == BYTES) {
    columns(plan, p, begin * RESULTS, xq_argmax_stop(p, end), flip);
    return;
  }
  uint8_t behind[32];
  for (uint32_t i = 0; i < 32; i++) behind[i] = i < p->count % 32 ? 0 : 255;
  const __m256i beyond = _mm256_loadu_si256((const __m256i *)behind);
  for (uint32_t i = begin * RESULTS, stop = xq_argmax_stop(p, end); i < stop; i++) {
    const uint32_t found =
        whole ? first_wanted(xq_at(plan, p->in) + (size_t)i * p->count, p->count, flip, beyond)
              : xq_argmax_strided(plan, p, i);
    xq_argmax_store(p, xq_at(plan, p->out), i, found);
  }
}
