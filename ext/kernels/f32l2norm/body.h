/* SPDX-License-Identifier: Apache-2.0 */
#include "f32l2norm/family.h"
#include "drivers/elementwise.h"

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32l2norm_params *p = params;
  for (size_t t = begin; t < end; t++) {
    const float *in = (const float *)xq_at(plan, p->in) + t * p->count;
    float *out = (float *)xq_at(plan, p->out) + t * p->count;
    double sum = 0;
    for (uint32_t i = 0; i < p->count; i++) sum += (double)in[i] * in[i];
    const float root = (float)sqrt(sum), length = root > 1e-6f ? root : 1e-6f;
    for (uint32_t i = 0; i < p->count; i++) out[i] = in[i] / length;
  }
}
