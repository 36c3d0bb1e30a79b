/* SPDX-License-Identifier: Apache-2.0 */
/* vpshufb looks 32 bytes up in 16 entries by the low four bits, and gives 0 where the top bit is set. Each
 * step takes 16 off every byte, so that in step k those below 16 k give 0, and all others the difference
 * (exclusive or) of the entries of parts k and k - 1 of the table: the differences up to its own part make an
 * entry. Bytes from 128 on do the same in the upper half of the table. */
#define XQ_VARIANT body
#include <immintrin.h>

#include "lut/driver.h"

#define PARTS 16

/* parts[k]: entries 16 k .. 16 k + 15, from part 1 and part 9 on as differences from the part before. */
static inline void split(const uint8_t *table, __m256i parts[PARTS]) {
  for (int k = PARTS - 1; k >= 0; k--) {
    const __m128i own = _mm_loadu_si128((const __m128i *)(table + 16 * k));
    const __m128i before =
        k % 8 ? _mm_loadu_si128((const __m128i *)(table + 16 * k - 16)) : _mm_setzero_si128();
    parts[k] = _mm256_broadcastsi128_si256(_mm_xor_si128(own, before));
  }
}

static inline __m256i look_up(const __m256i parts[PARTS], __m256i x) {
  const __m256i step = _mm256_set1_epi8(16);
  __m256i y = _mm256_xor_si256(x, _mm256_set1_epi8(-128)), found = _mm256_setzero_si256();
  XQ_EACH(k, PARTS / 2) {
    found = _mm256_xor_si256(
        found, _mm256_xor_si256(_mm256_shuffle_epi8(parts[k], x), _mm256_shuffle_epi8(parts[k + 8], y)));
    x = _mm256_subs_epi8(x, step), y = _mm256_subs_epi8(y, step); /* bytes of the other half stay negative */
  }
  return found;
}

static void map(const uint8_t *table, const uint8_t *in, uint8_t *out, uint32_t n) {
  __m256i parts[PARTS];
  uint32_t i = 0;
  if (n >= 64) split(table, parts);
  for (; i + 64 <= n; i += 64)
    for (int half = 0; half < 64; half += 32)
      _mm256_storeu_si256(
          (__m256i *)(out + i + half), look_up(parts, _mm256_loadu_si256((const __m256i *)(in + i + half))));
  for (; i < n; i++) out[i] = table[in[i]];
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  lut_run(plan, params, begin, end, map);
}
