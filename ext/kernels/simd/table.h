/* SPDX-License-Identifier: Apache-2.0 */
/* A table of 256 bytes in four registers (AVX-512 VBMI): 64 bytes are looked up in both halves, and the top
 * bit of each selects one. */
#pragma once
#include <immintrin.h>
#include <stdint.h>

struct xq_table {
  __m512i quarters[4];
};

static inline struct xq_table xq_load_table(const uint8_t *from) {
  return (struct xq_table){{_mm512_loadu_si512(from), _mm512_loadu_si512(from + 64),
      _mm512_loadu_si512(from + 128), _mm512_loadu_si512(from + 192)}};
}

static inline __m512i xq_look_up(const struct xq_table *t, __m512i x) {
  const __m512i low = _mm512_permutex2var_epi8(t->quarters[0], x, t->quarters[1]),
                high = _mm512_permutex2var_epi8(t->quarters[2], x, t->quarters[3]);
  return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(x), high);
}
