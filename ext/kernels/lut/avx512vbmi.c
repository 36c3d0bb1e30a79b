/* SPDX-License-Identifier: Apache-2.0 */
/* The table stands in four registers: 64 bytes are looked up in its two halves, and their top bits choose. */
#define XQ_THIS avx512vbmi
#include <immintrin.h>

#include "lut/family.h"
#include "elementwise.h"

static void map(const uint8_t *table, const uint8_t *in, uint8_t *out, uint32_t n) {
  const __m512i t0 = _mm512_loadu_si512(table), t1 = _mm512_loadu_si512(table + 64);
  const __m512i t2 = _mm512_loadu_si512(table + 128), t3 = _mm512_loadu_si512(table + 192);
  for (uint32_t i = 0; i < n; i += 64) {
    const __mmask64 rest = n - i < 64 ? ((__mmask64)1 << (n - i)) - 1 : ~(__mmask64)0;
    const __m512i x = _mm512_maskz_loadu_epi8(rest, in + i);
    const __m512i low = _mm512_permutex2var_epi8(t0, x, t1), high = _mm512_permutex2var_epi8(t2, x, t3);
    _mm512_mask_storeu_epi8(out + i, rest, _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(x), high));
  }
}

#include "lut/body.h"
