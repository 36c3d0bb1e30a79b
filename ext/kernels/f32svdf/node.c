/* SPDX-License-Identifier: Apache-2.0 */
#include "f32svdf/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32svdf_params *p = params;
  const uint64_t results = (uint64_t)p->batch * p->units, given = (uint64_t)p->batch * p->inputs;
  const uint64_t states = xq_volume(p->units, p->rank, p->memory),
                 products = xq_volume(p->units, p->rank, p->inputs);
  if (!results || !p->inputs || !p->rank || !p->memory || results > XQ_MAX_ELEMENTS ||
      given > XQ_MAX_ELEMENTS || states > XQ_MAX_ELEMENTS || products > XQ_MAX_ELEMENTS ||
      p->batch * states > XQ_MAX_ELEMENTS)
    return "f32svdf: a size is zero or too large";
  if (p->in % 4 || !xq_holds(plan, p->in, 4 * given) || p->out % 4 || !xq_writes(plan, p->out, 4 * results) ||
      p->state % 4 || !xq_writes(plan, p->state, 4 * (p->batch * states)))
    return "f32svdf: outside of the plan";
  if (p->weights % 4 || !xq_holds(plan, p->weights, 4 * (p->units + states + products)))
    return "f32svdf: weights outside of the plan";
  need->tiles = p->batch;
  need->scratch = (uint64_t)p->units * p->rank * sizeof(float);
  return NULL;
}

#include "family_table.h"
