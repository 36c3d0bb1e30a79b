/* SPDX-License-Identifier: Apache-2.0 */
/* The tiles of a node, and the scratch that kernels need. */
#pragma once
#include "dwconv/family.h"
#include "drivers/depthwise.h"

#define DWCONV_SEGMENT 16 /* output pixels whose columns the kernel `columns` interleaves at once */
#define DWCONV_COLUMNS 32 /* input columns of a segment of the kernel `pairs`, nearly */

/* The taps of `pairs`, which sums one or two rows of output pixels and reads `needed` input rows. A tap is
 * four bytes of four rows of a column; in a last group that is `paired`, of two rows of two columns. */
struct dwconv_taps {
  uint32_t rows, needed, groups, paired, count;
};

static inline struct dwconv_taps dwconv_taps_of(const struct xq_dwconv_params *p) {
  const uint32_t one = p->kernel_h, two = p->kernel_h + p->stride_h,
                 rows = (two + 3) / 4 < 2 * ((one + 3) / 4) ? 2 : 1, needed = rows == 2 ? two : one;
  const uint32_t groups = (needed + 3) / 4, paired = needed % 4 == 1 || needed % 4 == 2;
  return (struct dwconv_taps){
      rows, needed, groups, paired, (groups - paired) * p->kernel_w + paired * ((p->kernel_w + 1) / 2)};
}

/* A tile is the output rows y and y + apart. */
static inline uint32_t dwconv_apart(const struct xq_dwconv_params *p) {
  return p->dilation_h < p->out_h ? p->dilation_h : p->out_h;
}

/* The tiles of an image, of which the last ones may lack rows. */
static inline uint32_t dwconv_tiles(const struct xq_dwconv_params *p, uint32_t rows) {
  const uint32_t apart = dwconv_apart(p);
  return rows == 1 ? p->out_h : (p->out_h + 2 * apart - 1) / (2 * apart) * apart;
}

/* Does `pairs` keep the columns in registers (avx512vnni_stream.h)? */
static inline int dwconv_streams(const struct xq_dwconv_params *p, const struct dwconv_taps *taps) {
  return p->kernel_h == 3 && p->kernel_w == 3 && p->dilation_w == 1 && p->stride_w <= 2 &&
         p->stride_w == 3 - taps->rows;
}

static inline uint32_t dwconv_reach(const struct xq_dwconv_params *p) {
  return (p->kernel_w - 1) * p->dilation_w;
}
static inline uint32_t dwconv_vectors(const struct xq_dwconv_params *p) {
  return p->stride_w < DWCONV_COLUMNS ? DWCONV_COLUMNS / p->stride_w : 1;
}
static inline uint64_t dwconv_offsets(const struct dwconv_taps *taps) {
  return ((uint64_t)taps->count * 4 + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN;
}

/* Scratch holds pointers to the taps for the scalar kernel, else the interleaved columns of a segment. For
 * `pairs` the offsets of the taps come first, and a stream has one column at the border. */
static inline uint64_t dwconv_scratch(const struct xq_dwconv_params *p, const struct xq_kernel *kernel) {
  if (kernel->kr == 1) return (uint64_t)p->kernel_h * p->kernel_w * sizeof(void *);
  if (kernel->row_pairs) {
    const struct dwconv_taps taps = dwconv_taps_of(p);
    const uint64_t segment =
        ((uint64_t)(dwconv_vectors(p) - 1) * p->stride_w + dwconv_reach(p) + 1) * taps.groups;
    return dwconv_offsets(&taps) + segment * 4 * XQ_ALIGN;
  }
  const uint64_t columns =
      (uint64_t)(DWCONV_SEGMENT - 1) * p->stride_w + (uint64_t)(p->kernel_w - 1) * p->dilation_w + 1;
  return columns * ((p->kernel_h + kernel->kr - 1) / kernel->kr) * 4 * kernel->nr;
}
