/* SPDX-License-Identifier: Apache-2.0 */
#include "softmax/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_softmax_params *p = params;
  uint64_t elements = (uint64_t)p->outer * p->count;
  if (!elements || elements > XQ_MAX_ELEMENTS) return "softmax: a size is zero or too large";
  if (!xq_holds(plan, p->in, elements) || !xq_writes(plan, p->out, elements))
    return "softmax: outside of the plan";
  if (p->exponentials % 4 || !xq_holds(plan, p->exponentials, 256 * sizeof(float)))
    return "softmax: table outside of the plan";
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255 ||
      p->log > 1)
    return "softmax: parameters out of range";
  if (p->in_offset != 0 && p->in_offset != 128) return "softmax: parameters out of range";
  need->tiles = p->outer;
  return NULL;
}

#include "family_table.h"
