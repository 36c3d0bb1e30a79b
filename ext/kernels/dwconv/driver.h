/* SPDX-License-Identifier: Apache-2.0 */
/* What the instruction sets share: where a row of output pixels finds its taps. */
#include <string.h>

#include "dwconv/family.h"

/* One row of output pixels. */
struct dwconv_line {
  const struct xq_dwconv_params *p;
  const uint8_t *image, *zero;
  int32_t y; /* of the first kernel row in the input, may be negative */
  uint8_t *out;
  const uint8_t *weights;
  uint8_t *scratch;
};

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

/* Pointers to the taps of output pixel x; groups of `depth` are filled up with the zero row. */
static inline uint32_t dwconv_point(const struct dwconv_line *l, uint32_t x, uint32_t depth) {
  const struct xq_dwconv_params *p = l->p;
  uint32_t count = 0;
  const uint8_t **taps = (const uint8_t **)l->scratch;
  int32_t left = (int32_t)(x * p->stride_w) - (int32_t)p->pad_left;
  for (uint32_t ky = 0; ky < p->kernel_h; ky++) {
    int32_t iy = l->y + (int32_t)(ky * p->dilation_h);
    int inside = iy >= 0 && iy < (int32_t)p->in_h;
    for (uint32_t kx = 0; kx < p->kernel_w; kx++) {
      int32_t ix = left + (int32_t)(kx * p->dilation_w);
      taps[count++] = inside && ix >= 0 && ix < (int32_t)p->in_w ? l->image + ((size_t)iy * p->in_w + (size_t)ix) * p->in_pixel : l->zero;
    }
  }
  while (count % depth) taps[count++] = l->zero;
  return count;
}

static inline void dwconv_run(const struct xq_plan *plan, const struct xq_dwconv_params *p, uint32_t begin, uint32_t end, struct xq_worker *worker,
                              void (*run)(const struct dwconv_line *)) {
  for (uint32_t t = begin; t < end; t++) {
    uint32_t image = t / p->out_h, y = t % p->out_h;
    struct dwconv_line line = {p,
                               xq_at(plan, p->in) + (size_t)image * p->in_h * p->in_w * p->in_pixel,
                               xq_at(plan, p->zero),
                               (int32_t)(y * p->stride_h) - (int32_t)p->pad_top,
                               xq_at(plan, p->out) + (size_t)t * p->out_w * p->out_pixel,
                               xq_at(plan, p->weights),
                               worker->scratch};
    run(&line);
  }
}
