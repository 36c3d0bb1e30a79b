/* SPDX-License-Identifier: Apache-2.0 */
#include "topk/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_topk_params *p = params;
  const uint64_t elements = (uint64_t)p->outer * p->count, results = (uint64_t)p->outer * p->k;
  if (!elements || !p->k || p->k > p->count || elements > XQ_MAX_ELEMENTS || p->count > XQ_MAX_ELEMENTS)
    return "topk: a size is zero or too large";
  if (p->type >= type_count) return "topk: unknown type";
  const uint32_t item = p->type == BYTES ? 1 : p->type == INT64 ? 8 : 4;
  if (p->in % item || p->values % item || !xq_holds(plan, p->in, item * elements) ||
      !xq_writes(plan, p->values, item * results) || p->indices % 4 ||
      !xq_writes(plan, p->indices, 4 * results))
    return "topk: outside of the plan";
  need->tiles = p->outer;
  return NULL;
}

#include "family_table.h"
