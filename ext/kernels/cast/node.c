/* SPDX-License-Identifier: Apache-2.0 */
#include "cast/family.h"
#include "drivers/elementwise.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_cast_params *p = params;
  if (!p->count || p->count > XQ_MAX_ELEMENTS) return "cast: a size is zero or too large";
  if (p->from >= type_count || p->to >= type_count) return "cast: unknown type";
  const uint32_t from = xq_cast_bytes(p->from), to = xq_cast_bytes(p->to);
  if (p->in % from || p->out % to || !xq_holds(plan, p->in, (uint64_t)from * p->count) ||
      !xq_writes(plan, p->out, (uint64_t)to * p->count))
    return "cast: outside of the plan";
  need->tiles = (p->count + XQ_CHUNK - 1) / XQ_CHUNK;
  return NULL;
}

#include "family_table.h"
