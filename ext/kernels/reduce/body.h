/* SPDX-License-Identifier: Apache-2.0 */
#include "reduce/family.h"
#include "elementwise.h"

#define LANES 64

/* Saturating rounding doubling high multiply, then a rounding shift; see docs/numbers.md. */
static inline int32_t mbqm(int32_t x, int32_t multiplier, int32_t shift) {
  int32_t left = shift > 0 ? shift : 0, right = shift > 0 ? 0 : -shift;
  int64_t product = (int64_t)x * ((int64_t)1 << left) * multiplier;
  int64_t nudge = product >= 0 ? 1 << 30 : 1 - (1 << 30);
  int32_t high = (int32_t)((product + nudge) / ((int64_t)1 << 31));
  int32_t mask = (int32_t)(((int64_t)1 << right) - 1);
  return (high >> right) + ((high & mask) > (mask >> 1) + (high < 0));
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_reduce_params *p = params;
  const uint32_t groups = (p->inner + LANES - 1) / LANES;
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t outer = t / groups, first = t % groups * LANES, lanes = p->inner - first < LANES ? p->inner - first : LANES;
    const uint8_t *in = xq_at(plan, p->in) + (size_t)outer * p->count * p->inner + first;
    uint8_t *out = xq_at(plan, p->out) + (size_t)outer * p->inner + first;
    int32_t sum[LANES];
    for (uint32_t c = 0; c < LANES; c++) sum[c] = -(int32_t)p->count * p->offset;
    for (uint32_t i = 0; i < p->count; i++, in += p->inner) {
      if (lanes == LANES)
        for (uint32_t c = 0; c < LANES; c++) sum[c] += in[c];
      else
        for (uint32_t c = 0; c < lanes; c++) sum[c] += in[c];
    }
    for (uint32_t c = 0; c < lanes; c++) {
      int32_t y = p->fixed ? mbqm(sum[c], p->multiplier, p->shift) + p->zero_point
                           : (int32_t)rintf(xq_clampf((float)sum[c] * p->scale + p->bias, (float)p->low, (float)p->high));
      out[c] = (uint8_t)xq_clamp(y, p->low, p->high);
    }
  }
}
