/* SPDX-License-Identifier: Apache-2.0 */
#include "f32softmax/family.h"
#include "drivers/elementwise.h"
#include "math/exponential.h"

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32softmax_params *p = params;
  const uint32_t count = p->count;
  const float beta = p->beta;
  for (uint32_t t = begin; t < end; t++) {
    const float *in = (const float *)xq_at(plan, p->in) + (size_t)t * count;
    float *restrict out = (float *)xq_at(plan, p->out) + (size_t)t * count;
    float max = in[0];
    for (uint32_t i = 1; i < count; i++) max = in[i] > max ? in[i] : max;
    for (uint32_t i = 0; i < count; i++) out[i] = xq_exp(beta * (in[i] - max));
    double sum = 0;
    for (uint32_t i = 0; i < count; i++) sum += out[i];
    if (p->log) {
      const float shift = (float)log(sum);
      for (uint32_t i = 0; i < count; i++) out[i] = beta * (in[i] - max) - shift;
    } else {
      const float total = (float)sum;
      for (uint32_t i = 0; i < count; i++) out[i] /= total;
    }
  }
}
