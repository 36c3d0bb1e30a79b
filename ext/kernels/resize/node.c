/* SPDX-License-Identifier: Apache-2.0 */
#include "resize/family.h"

static int table_fits(const struct xq_plan *plan, xq_ref ref, uint32_t count, uint32_t limit, uint32_t bits) {
  if (!(ref & XQ_CONSTANT) || ref % 4 || !xq_holds(plan, ref, 12 * (uint64_t)count)) return 0;
  const uint32_t *table = (const uint32_t *)xq_at(plan, ref);
  for (uint32_t i = 0; i < count; i++, table += 3)
    if (table[0] >= limit || table[1] >= limit || table[2] > 1u << bits) return 0;
  return 1;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_resize_params *p = params;
  uint64_t in = xq_volume(p->batch, p->in_h, p->in_w), out = xq_volume(p->batch, p->out_h, p->out_w);
  if (!in || !out || !p->channels || in > XQ_MAX_ELEMENTS || out > XQ_MAX_ELEMENTS || p->in_h > XQ_MAX_SIDE ||
      p->in_w > XQ_MAX_SIDE || p->out_h > XQ_MAX_SIDE || p->out_w > XQ_MAX_SIDE)
    return "resize: a size is zero or too large";
  if (!xq_holds(plan, p->in, in * p->channels) || !xq_writes(plan, p->out, out * p->channels))
    return "resize: outside of the plan";
  need->scratch = 4 * (uint64_t)p->in_w * p->channels;
  if (p->row_bits > 11 || p->column_bits > 11) return "resize: parameters out of range";
  if (!table_fits(plan, p->rows, p->out_h, p->in_h, p->row_bits) ||
      !table_fits(plan, p->columns, p->out_w, p->in_w, p->column_bits))
    return "resize: a table points outside of the image";
  need->tiles = p->batch * p->out_h;
  return NULL;
}

#include "family_table.h"
