/* SPDX-License-Identifier: Apache-2.0 */
/* Each byte has two results: on the line below, where in_zero stands for what is above it, and on the line above, with VBMI looked up in a table. Of what is
 * above, the greater one is wanted, of what is below the first. */
#include "prelu/family.h"
#include "elementwise.h"
#include "bytes.h"

#define WIDTH XQ_BYTES

struct line {
  xq_bytes high, low, bias;
};

struct context {
  xq_bytes in_zero;
  xq_count shift;
  size_t row;
#ifdef __AVX512VBMI__
  xq_bytes table[4];
#else
  xq_bytes upper;
  struct line above[2];
#endif
};

/* Only the last sum saturates, where the result is beyond 0 or 255 after the shift. */
static inline xq_bytes point(xq_bytes x, struct line line, xq_count shift) {
  const xq_bytes sum = XQ_V(add_epi16)(XQ_V(mullo_epi16)(x, line.high), line.bias);
  return xq_shift(XQ_V(adds_epi16)(sum, XQ_V(mulhi_epi16)(x, line.low)), shift);
}

/* XQ_BYTES results: of distances, their upper bytes, and the lines of what unpacking takes from the lower and from the upper halves of each 128 bits. */
static inline xq_bytes points(xq_bytes distances, xq_bytes uppers, const struct line lines[2], xq_count shift) {
  const xq_bytes first = XQ_V(unpacklo_epi8)(distances, uppers), second = XQ_V(unpackhi_epi8)(distances, uppers);
  return XQ_V(packus_epi16)(point(first, lines[0], shift), point(second, lines[1], shift));
}

#ifdef __AVX512VBMI__
static inline void prepare_above(struct context *k, xq_bytes upper, const struct line line[2]) {
  uint8_t all[256];
  for (uint32_t i = 0; i < 256; i++) all[i] = (uint8_t)i;
  for (int part = 0; part < 4; part++) {
    const __m512i x = _mm512_loadu_si512(all + 64 * part);
    k->table[part] = _mm512_maskz_mov_epi8(_mm512_cmpge_epu8_mask(x, k->in_zero), points(_mm512_subs_epu8(x, k->in_zero), upper, line, k->shift));
  }
}

/* 0 for what is below in_zero. */
static inline xq_bytes above(const struct context *k, xq_bytes x) {
  const __m512i low = _mm512_permutex2var_epi8(k->table[0], x, k->table[1]), high = _mm512_permutex2var_epi8(k->table[2], x, k->table[3]);
  return _mm512_mask_mov_epi8(low, _mm512_movepi8_mask(x), high);
}
#else
static inline void prepare_above(struct context *k, xq_bytes upper, const struct line line[2]) {
  k->upper = upper, k->above[0] = line[0], k->above[1] = line[1];
}

/* 0 for what is below in_zero. */
static inline xq_bytes above(const struct context *k, xq_bytes x) {
  const xq_bytes result = points(XQ_V(subs_epu8)(x, k->in_zero), k->upper, k->above, k->shift);
#if XQ_BYTES == 64
  return _mm512_maskz_mov_epi8(_mm512_cmpge_epu8_mask(x, k->in_zero), result);
#else
  return _mm256_and_si256(result, _mm256_cmpeq_epi8(_mm256_max_epu8(x, k->in_zero), x));
#endif
}
#endif

static inline struct context prepare(const struct xq_prelu_params *p) {
  const struct line line = {XQ_V(set1_epi16)((int16_t)p->high), XQ_V(set1_epi16)((int16_t)p->low), XQ_V(set1_epi16)((int16_t)p->bias)};
  struct context k;
  k.in_zero = XQ_V(set1_epi8)((char)p->in_zero), k.shift = xq_count_of(p->shift), k.row = prelu_row(p);
  prepare_above(&k, XQ_V(set1_epi8)((char)p->upper), (struct line[2]){line, line});
  return k;
}

/* XQ_BYTES numbers of 16 bits, as the halves of unpacked bytes lie. */
static inline void load_halves(const int16_t *from, xq_bytes *first, xq_bytes *second) {
  const xq_bytes a = xq_load_bytes((const uint8_t *)from), b = xq_load_bytes((const uint8_t *)(from + XQ_BYTES / 2));
#if XQ_BYTES == 64
  *first = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13), b);
  *second = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15), b);
#else
  *first = _mm256_permute2x128_si256(a, b, 0x20);
  *second = _mm256_permute2x128_si256(a, b, 0x31);
#endif
}

static inline void map(const struct context *context, const int16_t *lines, const uint8_t *upper, const uint8_t *in, uint8_t *out, uint32_t n, size_t step,
                       size_t rest) {
  const struct context k = *context;
  const xq_bytes uppers = xq_load_bytes(upper);
  struct line below[2];
  load_halves(lines, &below[0].high, &below[1].high);
  load_halves(lines + k.row, &below[0].low, &below[1].low);
  load_halves(lines + 2 * k.row, &below[0].bias, &below[1].bias);
  for (size_t i = 0; i < rest; i += step) {
    const xq_bytes x = xq_load_bytes(in + i), result = points(XQ_V(subs_epu8)(k.in_zero, x), uppers, below, k.shift);
    xq_store_bytes(out + i, XQ_V(max_epu8)(result, above(&k, x)), rest - i < n ? (uint32_t)(rest - i) : n);
  }
}

#include "prelu/body.h"
