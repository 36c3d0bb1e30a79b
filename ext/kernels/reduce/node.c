/* SPDX-License-Identifier: Apache-2.0 */
#include "reduce/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_reduce_params *p = params;
  uint64_t results = xq_volume(p->outer, p->middle, p->inner), count = (uint64_t)p->count0 * p->count1;
  if (!results || !count || results > XQ_MAX_ELEMENTS || count > MAX_WINDOW)
    return "reduce: a size is zero or too large";
  if (p->item == 1 ? p->op > MINIMUM
                   : (p->item != 4 && p->item != 8) || p->op == SCALED_SUM || p->op >= op_count)
    return "reduce: unknown operation";
  if (p->in % p->item || p->out % p->item || !xq_holds(plan, p->in, results * count * p->item) ||
      !xq_writes(plan, p->out, results * p->item))
    return "reduce: outside of the plan";
  if (p->low < 0 || p->high > 255 || p->low > p->high || (p->in_offset != 0 && p->in_offset != 128) ||
      (p->out_offset != 0 && p->out_offset != 128))
    return "reduce: parameters out of range";
  need->tiles = p->outer * p->middle * ((p->inner + 63) / 64);
  return NULL;
}

#include "family_table.h"
