/* SPDX-License-Identifier: Apache-2.0 */
#include "dwconv/driver.h"

/* Walks the blocks as the kernel will: each one says whether a second set of weights follows. */
static int weights_fit(const struct xq_plan *plan, const struct xq_dwconv_params *p, const struct xq_row *row) {
  uint64_t taps = (uint64_t)p->kernel_h * p->kernel_w, at = 0;
  if (row->depth == 4) taps = (uint64_t)p->kernel_w * ((p->kernel_h + 3) / 4 * 4); /* column by column, filled up to groups of four rows */
  else taps += taps & 1;
  for (uint64_t c = 0; c < p->out_c;) {
    uint64_t width = row->lanes, rest = p->out_c - c;
    while (width > 16 && width > rest) width /= 2;
    if (!xq_holds(plan, p->weights, at + sizeof(struct dwconv_block))) return 0;
    uint32_t split = row->weight_bytes == 1 && ((const struct dwconv_block *)(xq_at(plan, p->weights) + at))->split;
    at += sizeof(struct dwconv_block) + width * (8 + taps * row->weight_bytes * (1 + split));
    if (!xq_holds(plan, p->weights, at)) return 0;
    c += width;
  }
  return 1;
}

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_dwconv_params *p = params;
  const char *error = depthwise_check(plan, p, need);
  if (error) return error;
  if (row->isa != XQ_ISA_scalar && p->multiplier != 1) return "dwconv: this kernel needs a depth multiplier of 1";
  const uint32_t size = row->variant[0] == 'w' ? (uint32_t)(row->variant[4] - '0') : 0;
  if (size && (p->kernel_h != size || p->kernel_w != size || (p->dilation_w != 1 && p->stride_w != 1))) return "dwconv: this kernel is for another window";
  if (!(p->weights & XQ_CONSTANT) || p->weights % 4 || !weights_fit(plan, p, row)) return "dwconv: weights outside of the plan";
  need->scratch = dwconv_scratch(p, row);
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255) return "dwconv: clamp outside of 8 bits";
  return NULL;
}

#include "family_table.h"
