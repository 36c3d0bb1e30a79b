/* SPDX-License-Identifier: Apache-2.0 */
/* The products of a tile of a dense convolution of bytes, 6 rows by 16 channels: the tile's inputs are widened once to 16 bits, pairs of them are broadcast, and
 * vpmaddwd sums two products per lane. */
#include <immintrin.h>

#define MAX_ROWS 6

static void widen(const struct conv_tile *t, int16_t *to) {
  uint32_t bytes = t->p->tap_depth;
  for (uint32_t i = 0; i < t->rows; i++)
    for (uint32_t tap = 0; tap < t->tap_count; tap++, to += bytes) {
      const uint8_t *from = t->taps[tap * t->rows + i];
      for (uint32_t k = 0; k < bytes; k += 16) /* up to 15 beyond: overwritten by the next tap, or slack */
        _mm256_storeu_si256((__m256i *)(to + k), _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(from + k))));
    }
}

/* Adds all products to the accumulators of a tile. a: inputs of the rows, `depth` each. */
static inline __attribute__((always_inline)) void accumulate(const int rows, const int16_t *a, uint32_t depth, const __m256i *w, __m256i acc[MAX_ROWS][2]) {
  for (uint32_t k = 0; k < depth; k += 2, w += 2) {
    __m256i w0 = _mm256_loadu_si256(w), w1 = _mm256_loadu_si256(w + 1);
    for (int i = 0; i < rows; i++) {
      int32_t pair;
      memcpy(&pair, a + (size_t)i * depth + k, 4);
      __m256i a_i16x16 = _mm256_set1_epi32(pair);
      acc[i][0] = _mm256_add_epi32(acc[i][0], _mm256_madd_epi16(a_i16x16, w0));
      acc[i][1] = _mm256_add_epi32(acc[i][1], _mm256_madd_epi16(a_i16x16, w1));
    }
  }
}
