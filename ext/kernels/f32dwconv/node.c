/* SPDX-License-Identifier: Apache-2.0 */
#include "f32dwconv/family.h"
#include "depthwise.h"

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_f32dwconv_params *p = params;
  const char *error = depthwise_check(plan, p, need);
  if (error) return error;
  if (row->lanes > 1 && p->multiplier != 1) return "f32dwconv: this kernel needs a depth multiplier of 1";
  const uint64_t taps = (uint64_t)p->kernel_h * p->kernel_w, channels = (p->out_c + row->lanes - 1) / row->lanes * row->lanes;
  if (p->weights % 4 || !xq_holds(plan, p->weights, channels * (1 + taps) * row->weight_bytes)) return "f32dwconv: weights outside of the plan";
  if (!(p->low <= p->high)) return "f32dwconv: no clamp";
  need->scratch = taps * DEPTHWISE_PIXELS * sizeof(void *);
  return NULL;
}

#include "family_table.h"
