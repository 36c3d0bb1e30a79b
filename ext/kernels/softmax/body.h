/* SPDX-License-Identifier: Apache-2.0 */
#include "softmax/family.h"
#include "drivers/elementwise.h"

/* A result as a byte of the output; the clamp in fp32 keeps the conversion defined. */
static inline uint8_t finish(const struct xq_softmax_params *p, float rounded) {
  return (uint8_t)((int32_t)xq_clampf(
                       rounded, (float)(p->low - p->zero_point), (float)(p->high - p->zero_point)) +
                   p->zero_point);
}

/* The output of every byte that is not greater than max, the maximum of the row. */
static void tabulate(
    const struct xq_softmax_params *p, const float *exponentials, uint8_t max, float sum, uint8_t *table) {
  if (p->log) {
    const float ratio = p->in_scale / p->out_scale;
    const float shift =
        (p->in_scale * (float)((int32_t)max - p->in_offset) + (float)log((double)sum)) / p->out_scale;
    for (int32_t x = 0; x <= max; x++) table[x] = finish(p, rintf(ratio * (float)(x - p->in_offset) - shift));
  } else {
    const float factor = 1.0f / (sum * p->out_scale);
    for (int32_t x = 0; x <= max; x++) table[x] = finish(p, floorf(exponentials[max - x] * factor + 0.5f));
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_softmax_params *p = params;
  const float *exponentials = (const float *)xq_at(plan, p->exponentials);
  for (uint32_t t = begin; t < end; t++) {
    const uint8_t *in = xq_at(plan, p->in) + (size_t)t * p->count;
    uint8_t *out = xq_at(plan, p->out) + (size_t)t * p->count, max = 0, table[256];
    for (uint32_t i = 0; i < p->count; i++) max = in[i] > max ? in[i] : max;
    float sum = 0;
    for (uint32_t i = 0; i < p->count; i++) sum += exponentials[max - in[i]];
    tabulate(p, exponentials, max, sum, table);
    for (uint32_t i = 0; i < p->count; i++) out[i] = table[in[i]];
  }
}
