/* SPDX-License-Identifier: Apache-2.0 */
#include "softmax/family.h"
#include "elementwise.h"

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_softmax_params *p = params;
  const double *exponentials = (const double *)xq_at(plan, p->exponentials);
  for (uint32_t t = begin; t < end; t++) {
    const uint8_t *in = xq_at(plan, p->in) + (size_t)t * p->count;
    uint8_t *out = xq_at(plan, p->out) + (size_t)t * p->count, max = 0, table[256];
    uint32_t histogram[256] = {0};
    for (uint32_t i = 0; i < p->count; i++) histogram[in[i]]++, max = in[i] > max ? in[i] : max;
    double sum = 0;
    for (uint32_t d = 0; d <= max; d++) sum += histogram[max - d] * exponentials[d];
    for (uint32_t d = 0; d <= max; d++)
      table[max - d] = (uint8_t)xq_clamp((int32_t)rint(exponentials[d] / sum * (double)p->scale) + p->zero_point, p->low, p->high);
    for (uint32_t i = 0; i < p->count; i++) out[i] = table[in[i]];
  }
}
