/* SPDX-License-Identifier: Apache-2.0 */
#include "argmax/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_argmax_params *p = params;
  uint64_t results = (uint64_t)p->outer * p->inner, elements = xq_volume(p->outer, p->count, p->inner);
  if (!elements || elements > XQ_MAX_ELEMENTS || results > XQ_MAX_ELEMENTS)
    return "argmax: a size is zero or too large";
  if ((p->index_bytes != 4 && p->index_bytes != 8) || p->out % p->index_bytes || p->least > 1)
    return "argmax: unknown type of index";
  const uint32_t item = p->type == BYTES ? 1 : 4;
  if (p->type >= type_count || p->in % item || !xq_holds(plan, p->in, item * elements) ||
      !xq_writes(plan, p->out, results * p->index_bytes))
    return "argmax: outside of the plan";
  need->tiles = (uint32_t)((results + 63) / 64);
  return NULL;
}

#include "family_table.h"
