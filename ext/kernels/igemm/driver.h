/* SPDX-License-Identifier: Apache-2.0 */
/* The part of igemm that all instruction sets share: which bytes a tile reads. */
#include <string.h>

#include "igemm/family.h"

#define IGEMM_MAX_ROWS 16

struct igemm_tile {
  const struct xq_igemm_params *p;
  const uint8_t *const *taps; /* [tap][row] */
  uint32_t tap_count, rows;   /* rows of this tile */
  uint8_t *const *out;        /* of each row */
  const uint8_t *weights;
  uint8_t *scratch; /* free for the kernel */
};

static inline uint32_t igemm_taps(const struct xq_igemm_params *p) { return p->row_taps ? p->kernel_h : p->kernel_h * p->kernel_w; }

/* Scratch: the pointers, then with row_taps a copy of every tap. */
static inline uint64_t igemm_pointer_bytes(const struct xq_igemm_params *p) {
  return ((uint64_t)igemm_taps(p) * p->rows * sizeof(void *) + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN;
}
static inline uint64_t igemm_copy_bytes(const struct xq_igemm_params *p) {
  return p->row_taps ? ((uint64_t)p->kernel_h * p->rows * p->tap_bytes + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN : 0;
}

static inline uint32_t igemm_pixel_tiles(const struct xq_igemm_params *p) {
  return (p->batch * p->out_h * p->out_w + p->rows - 1) / p->rows;
}

struct igemm_pixel {
  const uint8_t *image;
  uint32_t x, y, n; /* column, row, image of the output */
};

static inline struct igemm_pixel igemm_locate(const struct xq_igemm_params *p, const uint8_t *in, uint32_t index) {
  uint32_t rest = index / p->out_w, image = rest / p->out_h;
  return (struct igemm_pixel){in + (size_t)image * p->in_h * p->in_w * p->in_pixel, index % p->out_w, rest % p->out_h, image};
}

static inline void igemm_advance(const struct xq_igemm_params *p, struct igemm_pixel *at) {
  if (++at->x < p->out_w) return;
  at->x = 0;
  if (++at->y < p->out_h) return;
  at->y = 0;
  at->n++;
  at->image += (size_t)p->in_h * p->in_w * p->in_pixel;
}

/* The kernel row that begins at column x of `line` and crosses the border of the image. */
static inline void igemm_gather(const struct xq_igemm_params *p, const uint8_t *line, int32_t x, const uint8_t *zero, uint8_t *to) {
  for (uint32_t kx = 0; kx < p->kernel_w; kx++, x++, to += p->in_c)
    memcpy(to, x < 0 || x >= (int32_t)p->in_w ? zero : line + (ptrdiff_t)x * p->in_c, p->in_c);
}

/* What does not change from pixel to pixel. */
struct igemm_window {
  int32_t reach_h, reach_w; /* pixels from the first tap to behind the last */
  uint32_t columns;         /* taps per kernel row */
  ptrdiff_t pitch, row_step, column_step;
};

static inline struct igemm_window igemm_window_of(const struct xq_igemm_params *p) {
  ptrdiff_t pitch = (ptrdiff_t)p->in_w * p->in_pixel;
  return (struct igemm_window){(int32_t)((p->kernel_h - 1) * p->dilation_h + 1), (int32_t)((p->kernel_w - 1) * p->dilation_w + 1),
                               p->row_taps ? 1 : p->kernel_w, pitch, pitch * p->dilation_h, (ptrdiff_t)p->in_pixel * p->dilation_w};
}

/* Sets the tap pointers, `rows` apart, of a pixel whose window crosses the border; copies go to `copy`. */
static inline void igemm_point_border(const struct xq_igemm_params *p, const struct igemm_window *w, const uint8_t *image, int32_t y, int32_t left,
                                      const uint8_t *zero, const uint8_t **taps, uint32_t rows, uint8_t *copy) {
  for (uint32_t ky = 0; ky < p->kernel_h; ky++, y += (int32_t)p->dilation_h) {
    int inside = y >= 0 && y < (int32_t)p->in_h;
    const uint8_t *line = image + y * w->pitch;
    for (uint32_t kx = 0; kx < w->columns; kx++, taps += rows) {
      int32_t x = left + (int32_t)(kx * p->dilation_w);
      if (inside && p->row_taps && (left < 0 || left + w->reach_w > (int32_t)p->in_w)) {
        *taps = copy + (size_t)ky * p->tap_bytes;
        igemm_gather(p, line, left, zero, copy + (size_t)ky * p->tap_bytes);
      } else {
        *taps = inside && (p->row_taps || (x >= 0 && x < (int32_t)p->in_w)) ? line + (ptrdiff_t)x * p->in_pixel : zero;
      }
    }
  }
}

static inline void igemm_point(const struct xq_igemm_params *p, const struct igemm_window *w, const struct igemm_pixel *at, const uint8_t *zero,
                               const uint8_t **taps, uint32_t rows, uint8_t *copy) {
  int32_t left = (int32_t)(at->x * p->stride_w) - p->pad_left, y = (int32_t)(at->y * p->stride_h) - p->pad_top;
  if (y < 0 || left < 0 || y + w->reach_h > (int32_t)p->in_h || left + w->reach_w > (int32_t)p->in_w) {
    igemm_point_border(p, w, at->image, y, left, zero, taps, rows, copy);
    return;
  }
  const uint8_t *line = at->image + y * w->pitch + (ptrdiff_t)left * p->in_pixel;
  for (uint32_t ky = p->kernel_h; ky; ky--, line += w->row_step)
    for (uint32_t kx = 0; kx < w->columns; kx++, taps += rows) *taps = line + kx * w->column_step;
}

/* One output pixel reads the input pixel of the same place. */
static inline int igemm_direct(const struct xq_igemm_params *p) {
  return p->kernel_h == 1 && p->kernel_w == 1 && p->stride_h == 1 && p->stride_w == 1 && !p->pad_top && !p->pad_left && p->in_h == p->out_h &&
         p->in_w == p->out_w;
}

static inline void igemm_run(const struct xq_plan *plan, const struct xq_igemm_params *p, uint32_t begin, uint32_t end, struct xq_worker *worker,
                             void (*run)(const struct igemm_tile *)) {
  const uint8_t *in = xq_at(plan, p->in), *zero = xq_at(plan, p->zero);
  const uint8_t **taps = (const uint8_t **)worker->scratch;
  uint8_t *copies = worker->scratch + igemm_pointer_bytes(p);
  uint32_t pixels = p->batch * p->out_h * p->out_w, count = igemm_taps(p);
  uint8_t *outs[IGEMM_MAX_ROWS], *out = xq_at(plan, p->out);
  int direct = igemm_direct(p), dense = p->out_row == p->out_w * p->out_pixel && p->out_image == p->out_h * p->out_row;
  struct igemm_window window = igemm_window_of(p);
  struct igemm_pixel at = igemm_locate(p, in, begin * p->rows);
  for (uint32_t t = begin; t < end; t++) {
    uint32_t first = t * p->rows, rows = pixels - first < p->rows ? pixels - first : p->rows;
    for (uint32_t i = 0; i < rows; i++) {
      outs[i] = dense ? out + (size_t)(first + i) * p->out_pixel : out + (size_t)at.n * p->out_image + (size_t)at.y * p->out_row + (size_t)at.x * p->out_pixel;
      if (direct)
        taps[i] = in + (size_t)(first + i) * p->in_pixel;
      else
        igemm_point(p, &window, &at, zero, taps + i, rows, copies + (size_t)i * p->kernel_h * p->tap_bytes);
      if (!direct || !dense) igemm_advance(p, &at);
    }
    struct igemm_tile tile = {p, taps, count, rows, outs, xq_at(plan, p->weights),
                              copies + igemm_copy_bytes(p)};
    run(&tile);
  }
}
