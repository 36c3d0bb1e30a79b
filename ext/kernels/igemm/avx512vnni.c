/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of vnni.h. Four accumulators of 16 channels, of two or four rows, become one vector of 64 bytes by packs, packus and a permutation of dwords; the
 * channels were permuted when the weights were packed so that they come out in order. */
#include <immintrin.h>

#include "igemm/family.h"
#include "convolution.h"
#include "vnni.h"

struct epilogue {
  __m512i zero_point, low, high;
  const int32_t *sums; /* per row: sum of its inputs */
  uint8_t *const *out; /* per row */
  uint32_t first;      /* channel of this block */
  uint32_t channels;   /* from there on */
};

/* Packing leaves the dwords of four rows of 16 channels, or two of 32, interleaved; this is their order by row and channel. */
static const int32_t row_order[MAX_VECTORS][16] = {
    {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15},
    {0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15},
};

static inline __attribute__((always_inline)) __m512i pack(const int vectors, const __m512i x[4], const struct epilogue *e) {
  __m512i first = _mm512_adds_epi16(_mm512_packs_epi32(x[0], x[1]), e->zero_point);
  __m512i second = _mm512_adds_epi16(_mm512_packs_epi32(x[2], x[3]), e->zero_point);
  __m512i bytes = _mm512_min_epu8(_mm512_max_epu8(_mm512_packus_epi16(first, second), e->low), e->high);
  return _mm512_permutexvar_epi32(_mm512_loadu_si512(row_order[vectors - 1]), bytes);
}

/* The first row of `bytes` to memory. */
static inline __attribute__((always_inline)) void store(const int vectors, uint8_t *to, __m512i bytes, uint32_t channels) {
  if (channels < 16u * vectors)
    _mm512_mask_storeu_epi8(to, ((__mmask64)1 << channels) - 1, bytes);
  else if (vectors == 2)
    _mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(bytes));
  else
    _mm_storeu_si128((__m128i *)to, _mm512_castsi512_si128(bytes));
}

/* `bytes` without its first row. */
static inline __attribute__((always_inline)) __m512i next_row(const int vectors, __m512i bytes) {
  return vectors == 1 ? _mm512_alignr_epi32(bytes, bytes, 4) : _mm512_shuffle_i64x2(bytes, bytes, 0xee);
}

static inline __attribute__((always_inline)) void block(const int rows, const int vectors, const struct conv_tile *t, const uint8_t *head,
                                                        const struct epilogue *e) {
  const int width = 16 * vectors;
  const int32_t *bias = (const int32_t *)(head + sizeof(struct igemm_block)), *fix = bias + 2 * width;
  const float *scale = (const float *)(bias + width);
  const uint8_t *w = (const uint8_t *)(bias + 3 * width);
  __m512i acc[MAX_ACCUMULATORS];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++) {
    acc[v] = _mm512_loadu_si512(bias + 16 * v);
#pragma GCC unroll 14
    for (int i = 1; i < rows; i++) acc[i * vectors + v] = acc[v];
  }
  accumulate(rows, vectors, t, acc, w);
  uint32_t mask = ((const struct igemm_block *)head)->fix_mask;
  if (mask) {
#pragma GCC unroll 4
    for (int v = 0; v < vectors; v++) {
      if (!(mask >> v & 1)) continue;
      __m512i factor = _mm512_loadu_si512(fix + 16 * v);
#pragma GCC unroll 14
      for (int i = 0; i < rows; i++)
        acc[i * vectors + v] = _mm512_add_epi32(acc[i * vectors + v], _mm512_mullo_epi32(factor, _mm512_set1_epi32(e->sums[i])));
    }
  }
  __m512 factors[MAX_VECTORS];
#pragma GCC unroll 4
  for (int v = 0; v < vectors; v++) factors[v] = _mm512_loadu_ps(scale + 16 * v);
  const int together = 4 / vectors; /* rows that are packed at once */
#pragma GCC unroll 14
  for (int i = 0; i < rows; i += together) {
    __m512i x[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      int row = i + j / vectors, v = j % vectors;
      if (row >= rows) { /* nothing there: any vector will do */
        x[j] = x[0];
        continue;
      }
      x[j] = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc[row * vectors + v]), factors[v]));
    }
    __m512i bytes = pack(vectors, x, e);
#pragma GCC unroll 4
    for (int j = 0; j < together && i + j < rows; j++) {
      store(vectors, e->out[i + j] + e->first, bytes, e->channels);
      bytes = next_row(vectors, bytes);
    }
  }
}

BLOCKS

/* Sums of four vectors of sixteen int32: one each in the lanes of the result. */
static inline __m128i sum4(const __m512i s[4]) {
  __m512i first = _mm512_add_epi32(_mm512_unpacklo_epi32(s[0], s[1]), _mm512_unpackhi_epi32(s[0], s[1]));
  __m512i second = _mm512_add_epi32(_mm512_unpacklo_epi32(s[2], s[3]), _mm512_unpackhi_epi32(s[2], s[3]));
  __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(first, second), _mm512_unpackhi_epi64(first, second));
  __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
  return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

/* Sum of the inputs of each row. What lies behind the last input of a tap is multiplied by 0. */
static void sum_rows(const struct conv_tile *t, uint32_t bytes, int32_t sums[MAX_ROWS + 3]) {
  const __m512i ones = _mm512_set1_epi8(1), last = _mm512_maskz_set1_epi8(((__mmask64)1 << bytes % 64) - 1, 1);
  const uint32_t whole = bytes / 64 * 64;
  for (uint32_t i = 0; i < t->rows; i += 4) {
    __m512i s[4];
#pragma GCC unroll 4
    for (uint32_t j = 0; j < 4; j++) {
      const uint8_t *const *a = t->taps + (i + j < t->rows ? i + j : i);
      __m512i sum = _mm512_setzero_si512();
      for (uint32_t tap = 0; tap < t->tap_count; tap++, a += t->rows) {
        for (uint32_t k = 0; k < whole; k += 64) DOT(sum, _mm512_loadu_si512(*a + k), ones);
        if (whole < bytes) DOT(sum, _mm512_loadu_si512(*a + whole), last);
      }
      s[j] = sum;
    }
    _mm_storeu_si128((__m128i *)(sums + i), sum4(s));
  }
}

static void run(const struct conv_tile *t) {
  const struct xq_igemm_params *p = t->p;
  int32_t sums[MAX_ROWS + 3];
  if (p->row_sums) sum_rows(t, p->row_taps ? p->kernel_w * p->in_c : p->in_c, sums);
  struct epilogue e = {_mm512_set1_epi16((int16_t)p->zero_point), _mm512_set1_epi8((char)p->low), _mm512_set1_epi8((char)p->high), sums, t->out, 0, 0};
  const uint8_t *weights = t->weights;
  for (uint32_t n = 0; n < p->out_c;) {
    e.channels = p->out_c - n;
    uint32_t vectors = e.channels > 16 * p->vectors ? p->vectors : p->tail;
    e.first = n;
    blocks[vectors - 1][t->rows - 1](t, weights, &e);
    weights += sizeof(struct igemm_block) + 16 * vectors * (12 + (size_t)t->tap_count * p->tap_depth);
    n += 16 * vectors;
  }
}

void xq_igemm__avx512vnni_tile(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run);
}
