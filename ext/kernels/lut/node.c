/* SPDX-License-Identifier: Apache-2.0 */
#include "lut/family.h"
#include "drivers/elementwise.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_lut_params *p = params;
  if (!p->rows || !p->count || (uint64_t)p->rows * p->count > XQ_MAX_ELEMENTS)
    return "lut: a size is zero or too large";
  if (p->rows > 1 && p->out_pitch < p->count) return "lut: rows of the output overlap";
  if (!xq_holds(plan, p->in, (uint64_t)(p->rows - 1) * p->in_pitch + p->count) ||
      !xq_writes(plan, p->out, (uint64_t)(p->rows - 1) * p->out_pitch + p->count) ||
      !xq_holds(plan, p->table, 256))
    return "lut: outside of the plan";
  need->tiles = p->rows * ((p->count + XQ_CHUNK - 1) / XQ_CHUNK);
  return NULL;
}

#include "family_table.h"
