/* SPDX-License-Identifier: Apache-2.0 */
#include "f32resize/family.h"

static int table_fits(const struct xq_plan *plan, xq_ref ref, uint32_t count, uint32_t limit) {
  if (!(ref & XQ_CONSTANT) || ref % 4 || !xq_holds(plan, ref, sizeof(struct f32resize_tap) * (uint64_t)count))
    return 0;
  const struct f32resize_tap *table = (const struct f32resize_tap *)xq_at(plan, ref);
  for (uint32_t i = 0; i < count; i++)
    if (table[i].low >= limit || table[i].high >= limit) return 0;
  return 1;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32resize_params *p = params;
  uint64_t in = xq_volume(p->batch, p->in_h, p->in_w), out = xq_volume(p->batch, p->out_h, p->out_w),
           bytes = 4 * (uint64_t)p->channels;
  if (!in || !out || !p->channels || in > XQ_MAX_ELEMENTS || out > XQ_MAX_ELEMENTS)
    return "f32resize: a size is zero or too large";
  if (p->in % 4 || p->out % 4 || !xq_holds(plan, p->in, in * bytes) || !xq_writes(plan, p->out, out * bytes))
    return "f32resize: outside of the plan";
  if (!table_fits(plan, p->rows, p->out_h, p->in_h) || !table_fits(plan, p->columns, p->out_w, p->in_w))
    return "f32resize: a table points outside of the image";
  need->tiles = p->batch * p->out_h;
  return NULL;
}

#include "family_table.h"
