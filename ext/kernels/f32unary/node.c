/* SPDX-License-Identifier: Apache-2.0 */
#include "f32unary/family.h"
#include "drivers/elementwise.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32unary_params *p = params;
  if (!p->count || p->count > XQ_MAX_ELEMENTS) return "f32unary: a size is zero or too large";
  if (p->in % 4 || p->out % 4 || !xq_holds(plan, p->in, 4 * (uint64_t)p->count) ||
      !xq_writes(plan, p->out, 4 * (uint64_t)p->count))
    return "f32unary: outside of the plan";
  if (p->op >= op_count) return "f32unary: unknown operation";
  need->tiles = (p->count + XQ_CHUNK - 1) / XQ_CHUNK;
  return NULL;
}

#include "family_table.h"
