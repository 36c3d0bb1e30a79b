/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/family.h"

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_pool_params *p = params;
  const uint32_t sizes[] = {p->batch, p->in_h, p->in_w, p->channels, p->out_h, p->out_w, p->kernel_h, p->kernel_w, p->stride_h, p->stride_w};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    if (!sizes[i] || sizes[i] > 1u << 24) return "pool: a size is zero or too large";
  if (p->pad_top >= p->kernel_h || p->pad_left >= p->kernel_w) return "pool: more padding than kernel";
  if ((uint64_t)(p->out_h - 1) * p->stride_h >= (uint64_t)p->in_h + p->pad_top || (uint64_t)(p->out_w - 1) * p->stride_w >= (uint64_t)p->in_w + p->pad_left)
    return "pool: a window without a pixel";
  if ((uint64_t)p->kernel_h * p->kernel_w > 1u << 22) return "pool: the window is too large";
  uint64_t in = xq_volume(p->batch, p->in_h, p->in_w), out = xq_volume(p->batch, p->out_h, p->out_w);
  if (in > XQ_MAX_ELEMENTS || out > XQ_MAX_ELEMENTS || !xq_holds(plan, p->in, in * p->channels) || !xq_writes(plan, p->out, out * p->channels))
    return "pool: outside of the plan";
  if (p->low < 0 || p->high > 255 || p->low > p->high || (p->offset != 0 && p->offset != 128)) return "pool: parameters out of range";
  need->tiles = p->batch * p->out_h;
  return NULL;
}

#include "family_table.h"
