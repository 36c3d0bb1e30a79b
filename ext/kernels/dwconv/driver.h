/* SPDX-License-Identifier: Apache-2.0 */
/* How much scratch the kernels need. */
#include "dwconv/family.h"
#include "depthwise.h"

/* Output pixels whose input columns are interleaved at once by the kernel `columns`. */
#define DWCONV_SEGMENT 16

/* Bytes of interleaved columns of one segment, for a block of `width` channels. */
static inline uint64_t dwconv_column_bytes(const struct xq_dwconv_params *p, uint32_t width) {
  uint64_t columns = (uint64_t)(DWCONV_SEGMENT - 1) * p->stride_w + (uint64_t)(p->kernel_w - 1) * p->dilation_w + 1;
  return columns * ((p->kernel_h + 3) / 4) * 4 * width;
}

/* Pointers to the taps, and to one more where taps go in pairs; or interleaved columns. */
static inline uint64_t dwconv_scratch(const struct xq_dwconv_params *p, const struct xq_row *row) {
  return row->depth == 4 ? dwconv_column_bytes(p, row->lanes) : ((uint64_t)p->kernel_h * p->kernel_w + 1) * sizeof(void *);
}
