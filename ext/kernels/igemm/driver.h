/* SPDX-License-Identifier: Apache-2.0 */
/* The part of igemm that all instruction sets share: which bytes a tile reads. */
#include <string.h>

#include "igemm/family.h"

struct igemm_tile {
  const struct xq_igemm_params *p;
  const uint8_t *const *taps; /* [tap][row] */
  uint32_t tap_count, rows;   /* rows of this tile */
  uint8_t *out;               /* first pixel, p->out_pixel bytes apart */
  const uint8_t *weights;
  uint8_t *scratch; /* free for the kernel */
};

/* Bytes of scratch behind the pointers; the planner asks for the sum, validate checks it. */
static inline uint64_t igemm_pointer_bytes(const struct xq_igemm_params *p) {
  uint64_t taps = p->patch ? 1 : (uint64_t)p->kernel_h * p->kernel_w;
  return (taps * p->rows * sizeof(void *) + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN;
}

static inline uint32_t igemm_channel_blocks(const struct xq_igemm_params *p, uint32_t lanes) {
  uint32_t width = p->vectors * lanes;
  return (p->out_c + width - 1) / width;
}

static inline uint32_t igemm_pixel_tiles(const struct xq_igemm_params *p) {
  return (p->batch * p->out_h * p->out_w + p->rows - 1) / p->rows;
}

struct igemm_pixel { /* top left corner of the window of one output pixel */
  const uint8_t *image;
  int32_t y, x;
};

static inline struct igemm_pixel igemm_locate(const struct xq_igemm_params *p, const uint8_t *in, uint32_t index) {
  uint32_t x = index % p->out_w, rest = index / p->out_w, y = rest % p->out_h, image = rest / p->out_h;
  return (struct igemm_pixel){in + (size_t)image * p->in_h * p->in_w * p->in_pixel, (int32_t)(y * p->stride_h) - (int32_t)p->pad_top,
                              (int32_t)(x * p->stride_w) - (int32_t)p->pad_left};
}

/* Copies in steps of 16 bytes: reads and writes up to 15 bytes more than asked. */
static inline void igemm_copy(uint8_t *to, const uint8_t *from, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i += 16) memcpy(to + i, from + i, 16);
}

/* One pixel's taps side by side; a kernel row that lies inside of the image is one copy. */
static inline void igemm_gather(const struct xq_igemm_params *p, struct igemm_pixel at, const uint8_t *zero, uint8_t *to) {
  uint32_t row_bytes = p->kernel_w * p->in_c;
  int32_t reach = (int32_t)((p->kernel_w - 1) * p->dilation_w);
  int whole = p->dilation_w == 1 && p->in_pixel == p->in_c && at.x >= 0 && at.x + reach < (int32_t)p->in_w;
  for (uint32_t ky = 0; ky < p->kernel_h; ky++, to += row_bytes) {
    int32_t y = at.y + (int32_t)(ky * p->dilation_h);
    const uint8_t *line = at.image + (ptrdiff_t)y * p->in_w * p->in_pixel;
    if (y < 0 || y >= (int32_t)p->in_h) {
      memcpy(to, zero, row_bytes);
    } else if (whole) {
      igemm_copy(to, line + (ptrdiff_t)at.x * p->in_pixel, row_bytes);
    } else {
      for (uint32_t kx = 0; kx < p->kernel_w; kx++) {
        int32_t x = at.x + (int32_t)(kx * p->dilation_w);
        const uint8_t *from = x < 0 || x >= (int32_t)p->in_w ? zero : line + (ptrdiff_t)x * p->in_pixel;
        for (uint32_t c = 0; c < p->in_c; c++) to[kx * p->in_c + c] = from[c];
      }
    }
  }
}

static inline void igemm_point(const struct xq_igemm_params *p, struct igemm_pixel at, const uint8_t *zero, const uint8_t **taps, uint32_t rows) {
  for (uint32_t ky = 0; ky < p->kernel_h; ky++) {
    int32_t y = at.y + (int32_t)(ky * p->dilation_h);
    int inside = y >= 0 && y < (int32_t)p->in_h;
    const uint8_t *line = at.image + (ptrdiff_t)y * p->in_w * p->in_pixel;
    for (uint32_t kx = 0; kx < p->kernel_w; kx++, taps += rows) {
      int32_t x = at.x + (int32_t)(kx * p->dilation_w);
      *taps = inside && x >= 0 && x < (int32_t)p->in_w ? line + (ptrdiff_t)x * p->in_pixel : zero;
    }
  }
}

/* Tiles are numbered pixels first; a few pixels with many channels (fully connected) are split by channels too, see igemm_tiles in node.c. */
static inline void igemm_run(const struct xq_plan *plan, const struct xq_igemm_params *p, uint32_t begin, uint32_t end, struct xq_worker *worker,
                             void (*run)(const struct igemm_tile *)) {
  const uint8_t *in = xq_at(plan, p->in), *zero = xq_at(plan, p->zero);
  const uint8_t **taps = (const uint8_t **)worker->scratch;
  uint8_t *scratch = worker->scratch + igemm_pointer_bytes(p);
  uint32_t pixels = p->batch * p->out_h * p->out_w, count = p->patch ? 1 : p->kernel_h * p->kernel_w;
  int direct = !p->patch && count == 1 && p->stride_h == 1 && p->stride_w == 1 && !p->pad_top && !p->pad_left && p->in_h == p->out_h && p->in_w == p->out_w;
  for (uint32_t t = begin; t < end; t++) {
    uint32_t first = t * p->rows, rows = pixels - first < p->rows ? pixels - first : p->rows;
    for (uint32_t i = 0; i < rows; i++) {
      if (direct) {
        taps[i] = in + (size_t)(first + i) * p->in_pixel;
      } else if (p->patch) {
        taps[i] = scratch + i * p->tap_bytes;
        igemm_gather(p, igemm_locate(p, in, first + i), zero, scratch + i * p->tap_bytes);
      } else {
        igemm_point(p, igemm_locate(p, in, first + i), zero, taps + i, rows);
      }
    }
    struct igemm_tile tile = {p, taps, count, rows, xq_at(plan, p->out) + (size_t)first * p->out_pixel, xq_at(plan, p->weights),
                              scratch + (p->patch ? (p->rows * p->tap_bytes + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN : 0)};
    run(&tile);
  }
}
