/* SPDX-License-Identifier: Apache-2.0 */
#include "svdf/family.h"
#include "drivers/elementwise.h"
#include "math/dot.h"
#include "math/fixed.h"

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_svdf_params *p = params;
  const size_t filters = (size_t)p->units * p->rank;
  const int32_t *bias = (const int32_t *)xq_at(plan, p->weights), *offset = bias + p->units;
  const int16_t *times = (const int16_t *)(offset + filters);
  const int8_t *features = (const int8_t *)(times + filters * p->memory);
  for (size_t t = begin; t < end; t++) {
    const size_t entry = t / p->units, unit = t % p->units;
    const uint8_t *in = xq_at(plan, p->in) + entry * p->inputs;
    uint32_t sum = (uint32_t)bias[unit];
    for (size_t f = unit * p->rank; f < (unit + 1) * p->rank; f++) {
      int16_t *state = (int16_t *)xq_at(plan, p->state) + (entry * filters + f) * p->memory;
      const uint32_t acc = (uint32_t)offset[f] + xq_dot8(in, features + f * p->inputs, p->inputs);
      memmove(state, state + 1, (p->memory - 1) * sizeof(*state));
      state[p->memory - 1] =
          (int16_t)xq_clamp(xq_fixed_product((int32_t)acc, p->quotient, p->shift), INT16_MIN, INT16_MAX);
      sum += xq_dot16(state, times + f * p->memory, p->memory);
    }
    const int64_t out =
        (int64_t)xq_fixed_product((int32_t)sum, p->out_quotient, p->out_shift) + p->zero_point;
    xq_at(plan, p->out)[t] = (uint8_t)(out < 0 ? 0 : out > 255 ? 255 : out);
  }
}
