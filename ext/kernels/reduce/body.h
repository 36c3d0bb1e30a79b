/* SPDX-License-Identifier: Apache-2.0 */
#include "reduce/family.h"
#include "elementwise.h"

#define LANES 64

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_reduce_params *p = params;
  const float scale = p->scale, bias = p->bias, low = (float)(p->low - p->out_offset), high = (float)(p->high - p->out_offset);
  const int32_t offset = p->out_offset;
  const uint32_t groups = (p->inner + LANES - 1) / LANES;
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t outer = t / groups, first = t % groups * LANES, lanes = p->inner - first < LANES ? p->inner - first : LANES;
    const uint8_t *in = xq_at(plan, p->in) + (size_t)outer * p->count * p->inner + first;
    uint8_t *out = xq_at(plan, p->out) + (size_t)outer * p->inner + first;
    int32_t sum[LANES];
    for (uint32_t c = 0; c < LANES; c++) sum[c] = -(int32_t)p->count * p->in_offset;
    for (uint32_t i = 0; i < p->count; i++, in += p->inner) {
      if (lanes == LANES)
        for (uint32_t c = 0; c < LANES; c++) sum[c] += in[c];
      else
        for (uint32_t c = 0; c < lanes; c++) sum[c] += in[c];
    }
    for (uint32_t c = 0; c < lanes; c++) out[c] = (uint8_t)((int32_t)rintf(xq_clampf((float)sum[c] * scale + bias, low, high)) + offset);
  }
}
