/* SPDX-License-Identifier: Apache-2.0 */
/* argmax of a tensor of bytes, float32 or int32 over `count` elements that lie `inner` elements apart: index
 * of the first greatest element, with least = 1 of the first least one, as int32 (index_bytes = 4) or int64
 * (8), for each of outer x inner results. A tile is 64 results. */
#define XQ_FAMILY argmax
#define XQ_PARAMS(U, I, F) U(in) U(out) U(type) U(outer) U(count) U(inner) U(index_bytes) U(least)
#define XQ_ENUMS(E) E(type, BYTES, FLOAT32, INT32)
#include "family_begin.h"

#define RESULTS 64

/* The result of elements in + k * inner, k = 0 .. count - 1. */
#define XQ_ARGMAX_STRIDED(T) \
  static inline uint32_t xq_argmax_##T(const struct xq_argmax_params *p, const T *in) { \
    uint32_t best = 0; \
    T max = in[0]; \
    for (uint32_t k = 1; k < p->count; k++) { \
      const T x = in[(size_t)k * p->inner]; \
      if (p->least ? x < max : x > max) max = x, best = k; \
    } \
    return best; \
  }
XQ_ARGMAX_STRIDED(uint8_t)
XQ_ARGMAX_STRIDED(float)
XQ_ARGMAX_STRIDED(int32_t)

static inline uint32_t xq_argmax_strided(
    const struct xq_plan *plan, const struct xq_argmax_params *p, uint32_t result) {
  const size_t first = (size_t)(result / p->inner) * p->count * p->inner + result % p->inner;
  if (p->type == FLOAT32) return xq_argmax_float(p, (const float *)xq_at(plan, p->in) + first);
  if (p->type == INT32) return xq_argmax_int32_t(p, (const int32_t *)xq_at(plan, p->in) + first);
  return xq_argmax_uint8_t(p, xq_at(plan, p->in) + first);
}

static inline void xq_argmax_store(
    const struct xq_argmax_params *p, uint8_t *out, uint32_t result, uint32_t index) {
  if (p->index_bytes == 8) ((int64_t *)out)[result] = index;
  else ((int32_t *)out)[result] = (int32_t)index;
}

/* One past the last result of a tile. */
static inline uint32_t xq_argmax_stop(const struct xq_argmax_params *p, uint32_t end) {
  const uint32_t results = p->outer * p->inner;
  return results - (end - 1) * RESULTS < RESULTS ? results : end * RESULTS;
}
