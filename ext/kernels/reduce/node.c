/* SPDX-License-Identifier: Apache-2.0 */
#include "reduce/family.h"

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_reduce_params *p = params;
  if (!p->outer || !p->count || !p->inner || p->count > 1u << 22) return "reduce: a size is zero or too large";
  uint64_t out = (uint64_t)p->outer * p->inner;
  if (out > XQ_MAX_ELEMENTS || !xq_holds(plan, p->in, out * p->count) || !xq_writes(plan, p->out, out)) return "reduce: outside of the plan";
  if (p->low < 0 || p->high > 255 || p->low > p->high || (p->in_offset != 0 && p->in_offset != 128) || (p->out_offset != 0 && p->out_offset != 128))
    return "reduce: parameters out of range";
  need->tiles = p->outer * ((p->inner + 63) / 64);
  return NULL;
}

#include "family_table.h"
