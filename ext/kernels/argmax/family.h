/* SPDX-License-Identifier: Apache-2.0 */
/* argmax of an 8-bit tensor over `count` elements that lie `inner` bytes apart: index of the first greatest element, with least = 1 of the first least one, as
 * int32 (index_bytes = 4) or int64 (8), for each of outer x inner results. A tile is 64 results. */
#define XQ_FAMILY argmax
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count) U(inner) U(index_bytes) U(least)
#include "family_begin.h"

#define RESULTS 64

/* The least element of bytes is the greatest one of the bytes with all bits flipped. */
static inline uint8_t xq_argmax_flip(const struct xq_argmax_params *p) { return p->least ? 0xff : 0; }

/* The result of elements in + k * inner, k = 0 .. count - 1. */
static inline uint32_t xq_argmax_strided(const struct xq_argmax_params *p, const uint8_t *in) {
  const uint8_t flip = xq_argmax_flip(p);
  uint32_t best = 0;
  uint8_t most = in[0] ^ flip;
  for (uint32_t k = 1; k < p->count; k++) {
    const uint8_t x = in[(size_t)k * p->inner] ^ flip;
    if (x > most) most = x, best = k;
  }
  return best;
}

static inline void xq_argmax_store(const struct xq_argmax_params *p, uint8_t *out, uint32_t result, uint32_t index) {
  if (p->index_bytes == 8)
    ((int64_t *)out)[result] = index;
  else
    ((int32_t *)out)[result] = (int32_t)index;
}

/* One past the last result of a tile. */
static inline uint32_t xq_argmax_stop(const struct xq_argmax_params *p, uint32_t end) {
  const uint32_t results = p->outer * p->inner;
  return results - (end - 1) * RESULTS < RESULTS ? results : end * RESULTS;
}
