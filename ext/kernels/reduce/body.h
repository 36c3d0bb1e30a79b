/* SPDX-License-Identifier: Apache-2.0 */
#include "reduce/family.h"
#include "elementwise.h"

#define LANES 64

static inline int32_t add(int32_t a, int32_t b) { return a + b; }
static inline int32_t greater(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t lesser(int32_t a, int32_t b) { return a < b ? a : b; }

/* acc[c] = f over all elements of result c, from acc[c]. lanes == LANES is a loop of its own. */
#define FOLD(f, type)                                                                                                       \
  static inline void fold_##f(const struct xq_reduce_params *p, const uint8_t *in, type *restrict acc, const uint32_t lanes) { \
    const size_t row = p->inner, far = row * p->count1 * p->middle;                                                          \
    for (uint32_t i = 0; i < p->count0; i++, in += far)                                                                      \
      for (uint32_t j = 0; j < p->count1; j++) {                                                                             \
        const uint8_t *x = in + j * row;                                                                                     \
        if (lanes == LANES)                                                                                                  \
          for (uint32_t c = 0; c < LANES; c++) acc[c] = (type)f(acc[c], x[c]);                                               \
        else                                                                                                                 \
          for (uint32_t c = 0; c < lanes; c++) acc[c] = (type)f(acc[c], x[c]);                                               \
      }                                                                                                                      \
  }
FOLD(add, int32_t)
FOLD(greater, uint8_t)
FOLD(lesser, uint8_t)

static void average(const struct xq_reduce_params *p, const uint8_t *in, uint8_t *out, uint32_t lanes) {
  const float scale = p->scale, bias = p->bias, low = (float)(p->low - p->out_offset), high = (float)(p->high - p->out_offset);
  int32_t sum[LANES];
  for (uint32_t c = 0; c < LANES; c++) sum[c] = -(int32_t)(p->count0 * p->count1) * p->in_offset;
  fold_add(p, in, sum, lanes);
  for (uint32_t c = 0; c < lanes; c++) out[c] = (uint8_t)((int32_t)rintf(xq_clampf((float)sum[c] * scale + bias, low, high)) + p->out_offset);
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_reduce_params *p = params;
  const uint32_t groups = (p->inner + LANES - 1) / LANES;
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t row = t / groups, first = t % groups * LANES, lanes = p->inner - first < LANES ? p->inner - first : LANES;
    const uint8_t *in = xq_at(plan, p->in) + ((size_t)(row / p->middle) * p->count0 * p->middle + row % p->middle) * p->count1 * p->inner + first;
    uint8_t *out = xq_at(plan, p->out) + (size_t)row * p->inner + first, best[LANES];
    if (p->op == 0) {
      average(p, in, out, lanes);
      continue;
    }
    memset(best, p->op == 1 ? 0 : 255, LANES);
    if (p->op == 1)
      fold_greater(p, in, best, lanes);
    else
      fold_lesser(p, in, best, lanes);
    memcpy(out, best, lanes);
  }
}
