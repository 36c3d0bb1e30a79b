/* SPDX-License-Identifier: Apache-2.0 */
#include "f32svdf/family.h"
#include "drivers/elementwise.h"
#include "math/dot.h"

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32svdf_params *p = params;
  const size_t filters = (size_t)p->units * p->rank;
  const float *bias = (const float *)xq_at(plan, p->weights), *times = bias + p->units,
              *features = times + filters * p->memory;
  float *newest = (float *)worker->scratch;
  for (size_t t = begin; t < end; t++) {
    float *state = (float *)xq_at(plan, p->state) + t * filters * p->memory,
          *out = (float *)xq_at(plan, p->out) + t * p->units;
    memset(newest, 0, filters * sizeof(*newest));
    xq_add_products(newest, (const float *)xq_at(plan, p->in) + t * p->inputs, features, p->inputs, filters);
    for (size_t unit = 0, f = 0; unit < p->units; unit++) {
      float sum = bias[unit];
      for (uint32_t r = 0; r < p->rank; r++, f++, state += p->memory) {
        memmove(state, state + 1, (p->memory - 1) * sizeof(*state));
        state[p->memory - 1] = newest[f];
        sum += xq_dotf(state, times + f * p->memory, p->memory);
      }
      out[unit] = xq_clampf(sum, p->low, p->high);
    }
  }
}
