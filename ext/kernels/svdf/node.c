/* SPDX-License-Identifier: Apache-2.0 */
#include "svdf/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_svdf_params *p = params;
  const uint64_t results = (uint64_t)p->batch * p->units, given = (uint64_t)p->batch * p->inputs,
                 filters = (uint64_t)p->units * p->rank;
  const uint64_t states = xq_volume(p->units, p->rank, p->memory),
                 products = xq_volume(p->units, p->rank, p->inputs);
  if (!results || !p->inputs || !p->rank || !p->memory || results > XQ_MAX_ELEMENTS ||
      given > XQ_MAX_ELEMENTS || states > XQ_MAX_ELEMENTS || products > XQ_MAX_ELEMENTS ||
      p->batch * states > XQ_MAX_ELEMENTS)
    return "svdf: a size is zero or too large";
  if (!xq_holds(plan, p->in, given) || !xq_writes(plan, p->out, results) || p->state % 2 ||
      !xq_writes(plan, p->state, 2 * (p->batch * states)))
    return "svdf: outside of the plan";
  if (p->weights % 4 || !xq_holds(plan, p->weights, 4 * (p->units + filters) + 2 * states + products))
    return "svdf: weights outside of the plan";
  if (p->shift < -31 || p->shift > 31 || p->out_shift < -31 || p->out_shift > 31 || p->zero_point < 0 ||
      p->zero_point > 255)
    return "svdf: parameters out of range";
  need->tiles = (uint32_t)results;
  return NULL;
}

#include "family_table.h"
