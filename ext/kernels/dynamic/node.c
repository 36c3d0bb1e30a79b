/* SPDX-License-Identifier: Apache-2.0 */
#include "dynamic/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_dynamic_params *p = params;
  const uint64_t elements = (uint64_t)p->rows * p->count, padding = (uint64_t)p->rows * p->padding;
  if (!elements || elements > XQ_MAX_ELEMENTS || padding > XQ_MAX_ELEMENTS)
    return "dynamic: a size is zero or too large";
  if (p->mode >= mode_count || p->to_float > 1 || p->pass > 2 || !p->chunk ||
      (!p->pass && p->chunk < p->count))
    return "dynamic: parameters out of range";
  const uint64_t tiles = (uint64_t)p->rows * dynamic_chunks(p),
                 ranges = p->pass ? tiles * sizeof(struct dynamic_range) : 0;
  if (p->in % 4 || p->factors % 4 || p->partials % 4 || (p->to_float && p->out % 4))
    return "dynamic: a tensor is not aligned";
  if (!xq_holds(plan, p->in, 4 * elements) || !xq_holds(plan, p->partials, ranges))
    return "dynamic: input outside of the plan";
  if (p->pass == 1 && !xq_writes(plan, p->partials, ranges)) return "dynamic: output outside of the arena";
  if (!xq_writes(plan, p->out, p->to_float ? 4 * elements : elements) || !xq_writes(plan, p->zero, padding) ||
      !xq_writes(plan, p->factors, (uint64_t)p->rows * sizeof(struct xq_quantized_row)))
    return "dynamic: output outside of the arena";
  need->tiles = (uint32_t)tiles;
  return NULL;
}

#include "family_table.h"
