/* SPDX-License-Identifier: Apache-2.0 */
#include "l2norm/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_l2norm_params *p = params;
  const uint64_t elements = (uint64_t)p->outer * p->count;
  if (!elements || elements > XQ_MAX_ELEMENTS || p->count > MAX_COUNT)
    return "l2norm: a size is zero or too large";
  if (!xq_holds(plan, p->in, elements) || !xq_writes(plan, p->out, elements))
    return "l2norm: outside of the plan";
  if (p->zero_in < 0 || p->zero_in > 255 || p->zero_point < 0 || p->zero_point > 255 || p->early > 1)
    return "l2norm: parameters out of range";
  need->tiles = p->outer;
  return NULL;
}

#include "family_table.h"
