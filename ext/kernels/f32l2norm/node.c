/* SPDX-License-Identifier: Apache-2.0 */
#include "f32l2norm/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32l2norm_params *p = params;
  uint64_t elements = (uint64_t)p->outer * p->count;
  if (!elements || elements > XQ_MAX_ELEMENTS) return "f32l2norm: a size is zero or too large";
  if (p->in % 4 || p->out % 4 || !xq_holds(plan, p->in, 4 * elements) ||
      !xq_writes(plan, p->out, 4 * elements))
    return "f32l2norm: outside of the plan";
  need->tiles = p->outer;
  return NULL;
}

#include "family_table.h"
