/* SPDX-License-Identifier: Apache-2.0 */
/* Computes the maximum of two results for each byte: on the line below in_zero, where bytes above count as
 * in_zero, and on the line above, where bytes below give 0. With VBMI a table holds the latter. */
#include "prelu/periods.h"
#include "math/lines.h"
#ifdef __AVX512VBMI__
#include "simd/table.h"
#endif

struct context {
  V(int) in_zero;
  V(count) shift;
  size_t row;
#ifdef __AVX512VBMI__
  struct xq_table table;
#else
  V(int) upper;
  struct line above[2];
#endif
};

#ifdef __AVX512VBMI__
static inline void prepare_above(struct context *k, V(int) upper, const struct line line[2]) {
  uint8_t all[256];
  for (uint32_t i = 0; i < 256; i++) all[i] = (uint8_t)i;
  for (int part = 0; part < 4; part++) {
    const __m512i x = _mm512_loadu_si512(all + 64 * part);
    k->table.quarters[part] = _mm512_maskz_mov_epi8(_mm512_cmpge_epu8_mask(x, k->in_zero),
        points(_mm512_subs_epu8(x, k->in_zero), upper, line, k->shift));
  }
}

static inline V(int) above(const struct context *k, V(int) x) { return xq_look_up(&k->table, x); }
#else
static inline void prepare_above(struct context *k, V(int) upper, const struct line line[2]) {
  k->upper = upper, k->above[0] = line[0], k->above[1] = line[1];
}

static inline V(int) above(const struct context *k, V(int) x) {
  const V(int) result = points(V(sub8u)(x, k->in_zero), k->upper, k->above, k->shift);
#if LANES == 16
  return _mm512_maskz_mov_epi8(_mm512_cmpge_epu8_mask(x, k->in_zero), result);
#else
  return _mm256_and_si256(result, _mm256_cmpeq_epi8(_mm256_max_epu8(x, k->in_zero), x));
#endif
}
#endif

static inline struct context prepare(const struct xq_prelu_params *p) {
  const struct line line = {V(splat16)(p->high), V(splat16)(p->low), V(splat16)(p->bias)};
  struct context k;
  k.in_zero = V(splat8)(p->in_zero), k.shift = V(count_of)(p->shift), k.row = prelu_row(p);
  prepare_above(&k, V(splat8)(p->upper), (struct line[2]){line, line});
  return k;
}

static inline void map(const struct context *context, const int16_t *lines, const uint8_t *upper,
    const uint8_t *in, uint8_t *out, uint32_t n, size_t step, size_t rest) {
  const struct context k = *context;
  const V(int) uppers = V(load_int)(upper);
  struct line below[2];
  load_lines(lines, k.row, below);
  for (size_t i = 0; i < rest; i += step) {
    const V(int) x = V(load_int)(in + i), result = points(V(sub8u)(k.in_zero, x), uppers, below, k.shift);
    V(store_bytes)(out + i, V(max8u)(result, above(&k, x)), rest - i < n ? (uint32_t)(rest - i) : n);
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct context context = prepare(params);
  prelu_map_periods(plan, params, begin, end, XQ_BYTES, &context, map);
}
