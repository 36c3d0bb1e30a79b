/* SPDX-License-Identifier: Apache-2.0 */
/* How much scratch the kernels need. */
#include "dwconv/family.h"
#include "depthwise.h"

/* Output pixels whose input columns are interleaved at once by the kernel `columns`. */
#define DWCONV_SEGMENT 16

/* Pointers to the taps; or interleaved columns of one segment, for the widest block. */
static inline uint64_t dwconv_scratch(const struct xq_dwconv_params *p, const struct xq_row *row) {
  if (row->depth == 1) return (uint64_t)p->kernel_h * p->kernel_w * sizeof(void *);
  const uint64_t columns = (uint64_t)(DWCONV_SEGMENT - 1) * p->stride_w + (uint64_t)(p->kernel_w - 1) * p->dilation_w + 1;
  return columns * ((p->kernel_h + row->depth - 1) / row->depth) * 4 * row->lanes;
}
