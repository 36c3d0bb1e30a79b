/* SPDX-License-Identifier: Apache-2.0 */
/* add and mul on XQ_BYTES bytes at a time, for the parameters that nearly all layers have; 0 for others. */
#include "math/lines.h"

struct adder;
typedef xq_bytes add_bytes(const struct adder *, xq_bytes, xq_bytes);

/* Sums of n elements. clamped: the clamp is narrower than a byte. */
XQ_INLINE void add_loop(const struct xq_binary_params *p, const struct adder *k, add_bytes *add, const uint8_t *a,
                                                           const uint8_t *b, uint8_t *out, uint32_t n, const int clamped) {
  const xq_bytes low = XQ_V(set1_epi8)((char)p->low), high = XQ_V(set1_epi8)((char)p->high);
  for (uint32_t i = 0; i < n; i += XQ_BYTES) {
    const xq_bytes sum = add(k, xq_load_bytes(a + i), xq_load_bytes(b + i));
    xq_store_bytes(out + i, clamped ? XQ_V(min_epu8)(XQ_V(max_epu8)(sum, low), high) : sum, n - i);
  }
}

XQ_INLINE void add_all(const struct xq_binary_params *p, const struct adder *k, add_bytes *add, const uint8_t *a,
                                                          const uint8_t *b, uint8_t *out, uint32_t n) {
  if (p->low > 0 || p->high < 255)
    add_loop(p, k, add, a, b, out, n, 1);
  else
    add_loop(p, k, add, a, b, out, n, 0);
}

#ifdef __AVX512VBMI__
#include "binary/dots.h"
#else
#include "binary/digits.h"
#endif

/* mul: products of 17 bits, as floats times the scale, to 16 bits. */
struct multiplier {
  xq_bytes za, zb;
  xq_floats scale;
  struct xq_output output;
};

static inline xq_bytes scaled(const struct multiplier *k, xq_bytes product) {
  return XQ_V(cvtps_epi32)(XQ_V(mul_ps)(XQ_V(cvtepi32_ps)(product), k->scale));
}

/* Of operands in 16-bit lanes. */
static inline xq_bytes multiply(const struct multiplier *k, xq_bytes a, xq_bytes b) {
  const xq_bytes x = XQ_V(sub_epi16)(a, k->za), y = XQ_V(sub_epi16)(b, k->zb);
  const xq_bytes low = XQ_V(mullo_epi16)(x, y), high = XQ_V(mulhi_epi16)(x, y);
  return XQ_V(packs_epi32)(scaled(k, XQ_V(unpacklo_epi16)(low, high)), scaled(k, XQ_V(unpackhi_epi16)(low, high)));
}

static int mul_vectors(const struct xq_binary_params *p, const uint8_t *a, const uint8_t *b, uint8_t *out, uint32_t n) {
  const struct multiplier k = {XQ_V(set1_epi16)((int16_t)p->za), XQ_V(set1_epi16)((int16_t)p->zb), XQ_V(set1_ps)(p->scale), XQ_OUTPUT(p)};
  const xq_bytes none = XQ_V(set1_epi8)(0);
  if (!(fabsf(p->scale) < 32768)) return 0; /* scaled products may leave int32 */
  for (uint32_t i = 0; i < n; i += XQ_BYTES) {
    const xq_bytes x = xq_load_bytes(a + i), y = xq_load_bytes(b + i);
    const xq_bytes first = multiply(&k, XQ_V(unpacklo_epi8)(x, none), XQ_V(unpacklo_epi8)(y, none));
    const xq_bytes second = multiply(&k, XQ_V(unpackhi_epi8)(x, none), XQ_V(unpackhi_epi8)(y, none));
    xq_store_bytes(out + i, xq_finish(first, second, &k.output), n - i);
  }
  return 1;
}

/* mul with a table: the lines of a row of b, side by side. */
#define ROW (MOST_LINES + XQ_SLACK)
struct row_lines {
  int16_t numbers[3][ROW];
  uint8_t uppers[ROW];
};

static void find_lines(const struct xq_binary_params *p, const uint8_t *table, const uint8_t *b, uint32_t period, struct row_lines *to) {
  const uint32_t count = p->b4 ? p->d4 : 1;
  for (uint32_t i = 0; i < count; i++) {
    for (int row = 0; row < 3; row++) to->numbers[row][i] = ((const int16_t *)table)[256 * row + b[i]];
    to->uppers[i] = table[6 * 256 + b[i]];
  }
  for (uint32_t done = count; done < period; done *= 2) {
    for (int row = 0; row < 3; row++) memcpy(to->numbers[row] + done, to->numbers[row], 2 * done);
    memcpy(to->uppers + done, to->uppers, done);
  }
}

static int mul_rows(const struct xq_plan *plan, const struct xq_binary_params *p, uint32_t begin, uint32_t end) {
  const uint32_t period = binary_period(p), run = period < XQ_CHUNK / 16 ? XQ_CHUNK / period * period : 16 * period;
  const size_t tile = p->d4 > XQ_CHUNK ? XQ_CHUNK : (size_t)broadcast_rows(p) * p->d4, total = (size_t)p->d3 * p->d4;
  const size_t stop = end * tile < total ? end * tile : total;
  const xq_count shift = xq_count_of(p->shift);
  struct row_lines rows;
  find_lines(p, xq_at(plan, p->table), xq_at(plan, p->b), period, &rows);
  for (size_t from = begin * tile; from < stop; from += run) {
    const uint8_t *in = xq_at(plan, p->a) + from;
    uint8_t *out = xq_at(plan, p->out) + from;
    const uint32_t n = stop - from < run ? (uint32_t)(stop - from) : run;
    for (uint32_t column = 0; column < period && column < n; column += XQ_BYTES) {
      const xq_bytes uppers = xq_load_bytes(rows.uppers + column);
      struct line lines[2];
      load_lines(rows.numbers[0] + column, ROW, lines);
      for (uint32_t i = column; i < n; i += period) xq_store_bytes(out + i, points(xq_load_bytes(in + i), uppers, lines, shift), n - i);
    }
  }
  return 1;
}
