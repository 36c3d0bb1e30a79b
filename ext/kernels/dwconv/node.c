/* SPDX-License-Identifier: Apache-2.0 */
#include "dwconv/driver.h"

/* Bytes of the block of `width` channels at `at`. */
static uint64_t block_bytes(const struct xq_plan *plan, const struct xq_dwconv_params *p,
    const struct xq_kernel *kernel, uint64_t at, uint32_t width) {
  const struct dwconv_block *head = (const void *)(xq_at(plan, p->weights) + at);
  uint64_t taps = (uint64_t)p->kernel_h * p->kernel_w;
  if (kernel->kr == 4) taps = (uint64_t)p->kernel_w * ((p->kernel_h + 3) / 4 * 4);
  else taps += taps & 1;
  return sizeof(*head) +
         width * (8 + taps * kernel->weight_bytes * (1 + (kernel->weight_bytes == 1 && head->has_residual)));
}

/* Bytes of a block of a kernel with row_pairs, or 0 if its residual weights have taps that there are not. */
static uint64_t pairs_bytes(const struct xq_plan *plan, const struct xq_dwconv_params *p,
    const struct xq_kernel *kernel, uint64_t at) {
  const struct dwconv_block *head = (const void *)(xq_at(plan, p->weights) + at);
  const struct dwconv_taps taps = dwconv_taps_of(p);
  const uint64_t set = (uint64_t)kernel->nr * taps.rows,
                 lists = sizeof(*head) + kernel->nr * 8 + set * 4 * taps.count;
  uint64_t residual = 0;
  for (int q = 0; q < 4; q++) {
    if (head->residual[q] > taps.count) return 0;
    residual += head->residual[q];
  }
  const uint64_t bytes = lists + (residual * 4 + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN + residual * set;
  if (!xq_holds(plan, p->weights, at + bytes)) return 0;
  const uint32_t *which = (const void *)(xq_at(plan, p->weights) + at + lists);
  for (uint64_t i = 0; i < residual; i++)
    if (which[i] >= taps.count) return 0;
  return bytes;
}

/* Reads all blocks, since each one says how many residual weights it has. */
static int weights_fit(
    const struct xq_plan *plan, const struct xq_dwconv_params *p, const struct xq_kernel *kernel) {
  uint64_t at = 0;
  for (uint64_t c = 0; c < p->out_c;) {
    uint64_t width = kernel->nr, rest = p->out_c - c;
    while (width > 16 && width > rest) width /= 2;
    if (!xq_holds(plan, p->weights, at + sizeof(struct dwconv_block))) return 0;
    const uint64_t bytes = kernel->row_pairs ? pairs_bytes(plan, p, kernel, at)
                                             : block_bytes(plan, p, kernel, at, (uint32_t)width);
    at += bytes;
    if (!bytes || !xq_holds(plan, p->weights, at)) return 0;
    c += width;
  }
  return 1;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_dwconv_params *p = params;
  const char *error = depthwise_check(plan, p, need);
  if (error) return error;
  if (!depthwise_fits(kernel, p)) return "dwconv: this kernel needs a depth multiplier of 1";
  if (!(p->weights & XQ_CONSTANT) || p->weights % 4 || !weights_fit(plan, p, kernel))
    return "dwconv: weights outside of the plan";
  need->scratch = dwconv_scratch(p, kernel);
  if (kernel->row_pairs) need->tiles = p->batch * dwconv_tiles(p, dwconv_taps_of(p).rows);
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255)
    return "dwconv: clamp outside of 8 bits";
  return NULL;
}

#define XQ_FITS depthwise_fits
#include "family_table.h"
