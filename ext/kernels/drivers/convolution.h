/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the families of dense convolution: the values that a tile reads, and the checks. The family.h
 * before it defines XQ_VALUE, the type of activations, and XQ_RESULT, that of outputs if it differs. */
#pragma once
#include <string.h>

#ifndef XQ_FAMILY
#include "igemm/family.h"
#endif

#ifndef XQ_RESULT
#define XQ_RESULT XQ_VALUE
#endif

typedef struct XQ_CAT3(xq_, XQ_FAMILY, _params) conv_params;

#define CONV_MAX_ROWS 128

struct conv_tile {
  const conv_params *p, *node; /* p has the channels of a part, node those of the node */
  const XQ_VALUE *const *taps; /* [tap][row] */
  uint32_t tap_count, rows;    /* rows of this tile */
  XQ_RESULT *const *out;       /* of each row */
  const uint8_t *weights;
  uint8_t *scratch; /* free for the kernel */
};

/* M(rows, v) for tiles of up to so many rows. */
#define CONV_ROWS_6(M, v) M(1, v) M(2, v) M(3, v) M(4, v) M(5, v) M(6, v)
#define CONV_ROWS_8(M, v) CONV_ROWS_6(M, v) M(7, v) M(8, v)
#define CONV_ROWS_12(M, v) CONV_ROWS_8(M, v) M(9, v) M(10, v) M(11, v) M(12, v)

static inline uint32_t conv_taps(const conv_params *p) {
  return p->row_taps ? p->kernel_h : p->kernel_h * p->kernel_w;
}

/* Scratch holds the pointers, with row_taps a copy of every tap, and for kernels with 16-bit weights the
 * tile's inputs as 16 bits (simd/madd_tile.h). */
static inline uint64_t conv_pointer_bytes(const conv_params *p) {
  return ((uint64_t)conv_taps(p) * p->rows * sizeof(void *) + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN;
}
static inline uint64_t conv_copy_bytes(const conv_params *p) {
  return p->row_taps ? ((uint64_t)p->kernel_h * p->rows * p->tap_depth * sizeof(XQ_VALUE) + XQ_ALIGN - 1) /
                           XQ_ALIGN * XQ_ALIGN
                     : 0;
}
static inline uint64_t conv_wide_bytes(const conv_params *p, const struct xq_kernel *kernel) {
  return kernel->weight_bytes == 2
             ? 2 * (uint64_t)p->rows * conv_taps(p) * (((uint64_t)p->tap_depth + 15) / 16 * 16)
             : 0;
}

static inline uint32_t conv_pixel_tiles(const conv_params *p) {
  return (p->batch * p->out_h * p->out_w + p->rows - 1) / p->rows;
}

struct conv_pixel {
  const XQ_VALUE *image;
  uint32_t x, y, n; /* column, row, image of the output */
};

static inline struct conv_pixel conv_locate(const conv_params *p, const XQ_VALUE *in, uint32_t index) {
  uint32_t rest = index / p->out_w, image = rest / p->out_h;
  return (struct conv_pixel){
      in + (size_t)image * p->in_h * p->in_w * p->in_pixel, index % p->out_w, rest % p->out_h, image};
}

static inline void conv_advance(const conv_params *p, struct conv_pixel *at, uint32_t count) {
  if ((at->x += count) < p->out_w) return;
  at->x = 0;
  if (++at->y < p->out_h) return;
  at->y = 0;
  at->n++;
  at->image += (size_t)p->in_h * p->in_w * p->in_pixel;
}

/* Copies 16 bytes at a time; up to 15 bytes too many land in the slack, or the next copy overwrites them. */
static inline void conv_copy(XQ_VALUE *to, const XQ_VALUE *from, size_t count) {
  for (size_t i = 0; i < count; i += 16 / sizeof(XQ_VALUE)) memcpy(to + i, from + i, 16);
}

/* Copies the kernel row from column x of `line` on. No branch depends on where the image's border is. */
static inline void conv_gather(
    const conv_params *p, const XQ_VALUE *line, int32_t x, const XQ_VALUE *zero, XQ_VALUE *to) {
  const XQ_VALUE *from = line + (ptrdiff_t)x * p->in_c;
  for (uint32_t kx = p->kernel_w; kx; kx--, x++, from += p->in_c, to += p->in_c)
    conv_copy(to, (uint32_t)x < p->in_w ? from : zero, p->in_c);
}

/* What all pixels have in common. */
struct conv_window {
  int32_t reach_w;    /* input columns of a window */
  uint32_t columns;   /* taps per kernel row */
  uint32_t inner_end; /* from this output column on windows cross the right border */
  ptrdiff_t pitch, column_step, pixel_step;
};

static inline struct conv_window conv_window_of(const conv_params *p) {
  struct conv_window w = {.reach_w = (int32_t)((p->kernel_w - 1) * p->dilation_w + 1)};
  w.columns = p->row_taps ? 1 : p->kernel_w;
  int32_t room = (int32_t)p->in_w + p->pad_left - w.reach_w;
  uint32_t end = room < 0 ? 0 : (uint32_t)room / p->stride_w + 1;
  w.inner_end = end < p->out_w ? end : p->out_w;
  w.pitch = (ptrdiff_t)p->in_w * p->in_pixel;
  w.column_step = (ptrdiff_t)p->in_pixel * p->dilation_w;
  w.pixel_step = (ptrdiff_t)p->in_pixel * p->stride_w;
  return w;
}

/* Sets the tap pointers, `rows` apart, of a pixel whose window crosses the left or right border. */
static inline void conv_point_border(const conv_params *p, const struct conv_window *w, const XQ_VALUE *image,
    int32_t y, int32_t left, const XQ_VALUE *zero, const XQ_VALUE **taps, uint32_t rows, XQ_VALUE *copy) {
  for (uint32_t ky = 0; ky < p->kernel_h; ky++, y += (int32_t)p->dilation_h, copy += p->tap_depth) {
    const int inside = y >= 0 && y < (int32_t)p->in_h;
    const XQ_VALUE *line = image + y * w->pitch;
    if (p->row_taps) {
      if (inside) conv_gather(p, line, left, zero, copy);
      *taps = inside ? copy : zero;
      taps += rows;
      continue;
    }
    for (uint32_t kx = 0; kx < p->kernel_w; kx++, taps += rows) {
      const int32_t x = left + (int32_t)(kx * p->dilation_w);
      *taps = inside && x >= 0 && x < (int32_t)p->in_w ? line + (ptrdiff_t)x * p->in_pixel : zero;
    }
  }
}

static inline void conv_spread(const XQ_VALUE **to, const XQ_VALUE *from, ptrdiff_t step, ptrdiff_t count) {
  for (ptrdiff_t i = 0; i < count; i++, from += step) to[i] = from;
}

/* Sets the tap pointers of the pixel `at` and of its neighbours to the right whose windows lie in the image,
 * at most max_count in all; returns how many. */
static inline uint32_t conv_point(const conv_params *p, const struct conv_window *w,
    const struct conv_pixel *at, const XQ_VALUE *zero, const XQ_VALUE **taps, uint32_t rows,
    uint32_t max_count, XQ_VALUE *copy) {
  int32_t left = (int32_t)(at->x * p->stride_w) - p->pad_left,
          y = (int32_t)(at->y * p->stride_h) - p->pad_top;
  if (left < 0 || left + w->reach_w > (int32_t)p->in_w) {
    conv_point_border(p, w, at->image, y, left, zero, taps, rows, copy);
    return 1;
  }
  const uint32_t last = at->x + max_count < w->inner_end ? at->x + max_count : w->inner_end,
                 count = last - at->x;
  for (uint32_t ky = 0; ky < p->kernel_h; ky++, y += (int32_t)p->dilation_h) {
    const int inside = y >= 0 && y < (int32_t)p->in_h;
    const XQ_VALUE *line = at->image + y * w->pitch + (ptrdiff_t)left * p->in_pixel;
    for (uint32_t kx = 0; kx < w->columns; kx++, taps += rows)
      conv_spread(taps, inside ? line + kx * w->column_step : zero, inside ? w->pixel_step : 0, count);
  }
  return count;
}

/* Sets the channels of a tile to those of part `number`; returns the first one. */
static inline uint32_t conv_begin_part(const struct xq_plan *plan, const conv_params *p, uint32_t number,
    conv_params *part, struct conv_tile *tile) {
  const uint32_t channel = number * p->part_channels;
  const int last = p->out_c - channel <= p->part_channels;
  part->out_c = last ? p->out_c - channel : p->part_channels;
  part->tail = last ? p->tail : p->vectors;
  tile->weights = xq_at(plan, p->weights) + (size_t)number * p->part_bytes;
  return channel;
}

/* Is it a product of matrices: one tap, and neither side has gaps between rows and images? */
static inline int conv_is_product(const conv_params *p) {
  return p->kernel_h == 1 && p->kernel_w == 1 && p->stride_h == 1 && p->stride_w == 1 && !p->pad_top &&
         !p->pad_left && p->in_h == p->out_h && p->in_w == p->out_w &&
         p->out_row == (uint64_t)p->out_w * p->out_pixel &&
         (p->batch == 1 || p->out_image == (uint64_t)p->out_h * p->out_row);
}

/* In a product of matrices the pointers of a tile are those of the previous tile, moved. */
static inline void conv_run_product(const struct xq_plan *plan, const conv_params *p, uint32_t begin,
    uint32_t end, struct conv_tile *tile, conv_params *part, const XQ_VALUE **in, XQ_RESULT **out,
    void (*run)(const struct conv_tile *)) {
  const uint32_t pixels = p->batch * p->out_h * p->out_w, per_part = conv_pixel_tiles(p);
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t % per_part * p->rows;
    if (t == begin || !first) {
      const uint32_t channel = conv_begin_part(plan, p, t / per_part, part, tile);
      conv_spread(
          in, (const XQ_VALUE *)xq_at(plan, p->in) + (size_t)first * p->in_pixel, p->in_pixel, p->rows);
      XQ_RESULT *to = (XQ_RESULT *)xq_at(plan, p->out) + (size_t)first * p->out_pixel + channel;
      for (size_t i = 0; i < p->rows; i++, to += p->out_pixel) out[i] = to;
    }
    tile->rows = pixels - first < p->rows ? pixels - first : p->rows;
    run(tile);
    for (uint32_t i = 0; i < p->rows; i++)
      in[i] += (size_t)p->rows * p->in_pixel, out[i] += (size_t)p->rows * p->out_pixel;
  }
}

struct conv_places { /* a tile's pointers to its taps and outputs, and place for copies of taps */
  const XQ_VALUE **taps, *zero;
  XQ_VALUE *copies;
  XQ_RESULT **outs;
};

/* Sets the pointers of `rows` pixels from `at` on, and moves `at` behind them. */
static inline void conv_point_tile(const conv_params *p, const struct conv_window *w,
    const struct conv_places *to, struct conv_pixel *at, XQ_RESULT *out, uint32_t rows) {
  for (uint32_t i = 0, count; i < rows; i += count) {
    count = rows - i < p->out_w - at->x ? rows - i : p->out_w - at->x; /* pixels of one row of the image */
    count = conv_point(
        p, w, at, to->zero, to->taps + i, rows, count, to->copies + (size_t)i * p->kernel_h * p->tap_depth);
    XQ_RESULT *pixel =
        out + (size_t)at->n * p->out_image + (size_t)at->y * p->out_row + (size_t)at->x * p->out_pixel;
    for (size_t j = 0; j < count; j++, pixel += p->out_pixel) to->outs[i + j] = pixel;
    conv_advance(p, at, count);
  }
}

/* Sets the pointers of a tile of whole rows of pixels where no window of this or of the previous tile crosses
 * the upper or lower border: all pointers move down, and only the left and right border are set anew. */
static inline void conv_move_tile(const conv_params *p, const struct conv_window *w,
    const struct conv_places *to, struct conv_pixel *at, uint32_t rows) {
  const uint32_t lines = rows / p->out_w,
                 first = ((uint32_t)(p->pad_left > 0 ? p->pad_left : 0) + p->stride_w - 1) / p->stride_w;
  const ptrdiff_t down = (ptrdiff_t)lines * p->stride_h * w->pitch;
  for (size_t i = 0; i < (size_t)conv_taps(p) * rows; i++) to->taps[i] += down;
  for (size_t i = 0; i < rows; i++) to->outs[i] += (size_t)lines * p->out_row;
  for (uint32_t line = 0; line < lines; line++, at->y++)
    for (uint32_t x = 0; x < p->out_w; x++) {
      if (x >= first && x < w->inner_end) x = w->inner_end;
      if (x >= p->out_w) break;
      const size_t i = (size_t)line * p->out_w + x;
      conv_point_border(p, w, at->image, (int32_t)(at->y * p->stride_h) - p->pad_top,
          (int32_t)(x * p->stride_w) - p->pad_left, to->zero, to->taps + i, rows,
          to->copies + i * p->kernel_h * p->tap_depth);
    }
}

/* Do the windows of `lines` rows of outputs from `at` on cross neither the upper nor the lower border? */
static inline int conv_between(const conv_params *p, const struct conv_pixel *at, uint32_t lines) {
  const int64_t top = (int64_t)at->y * p->stride_h - p->pad_top,
                last = top + (int64_t)(lines - 1) * p->stride_h;
  return at->y + lines <= p->out_h && top >= 0 && last + (int64_t)(p->kernel_h - 1) * p->dilation_h < p->in_h;
}

/* Runs the tiles: all pixels for each part of the channels in turn. */
static inline void conv_run(const struct xq_plan *plan, const conv_params *p, uint32_t begin, uint32_t end,
    struct xq_worker *worker, void (*run)(const struct conv_tile *)) {
  const XQ_VALUE *in = (const XQ_VALUE *)xq_at(plan, p->in);
  XQ_RESULT *outs[CONV_MAX_ROWS];
  const struct conv_places to = {(const XQ_VALUE **)worker->scratch, (const XQ_VALUE *)xq_at(plan, p->zero),
      (XQ_VALUE *)(worker->scratch + conv_pointer_bytes(p)), outs};
  conv_params part = *p;
  struct conv_tile tile = {.p = &part, .node = p, .taps = to.taps, .tap_count = conv_taps(p), .out = outs};
  tile.scratch = (uint8_t *)to.copies + conv_copy_bytes(p);
  if (conv_is_product(p)) {
    conv_run_product(plan, p, begin, end, &tile, &part, to.taps, outs, run);
    return;
  }
  const uint32_t pixels = p->batch * p->out_h * p->out_w, per_part = conv_pixel_tiles(p),
                 lines = p->rows % p->out_w ? 0 : p->rows / p->out_w;
  const struct conv_window window = conv_window_of(p);
  struct conv_pixel at = conv_locate(p, in, begin % per_part * p->rows);
  int between = 0; /* of the previous tile */
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t channel = conv_begin_part(plan, p, t / per_part, &part, &tile),
                   first = t % per_part * p->rows;
    tile.rows = pixels - first < p->rows ? pixels - first : p->rows;
    if (!first) at = conv_locate(p, in, 0), between = 0;
    const int moves = lines && conv_between(p, &at, lines);
    if (moves && between && at.y) {
      conv_move_tile(p, &window, &to, &at, tile.rows);
      if (at.y == p->out_h) at = conv_locate(p, in, first + tile.rows);
    } else {
      conv_point_tile(p, &window, &to, &at, (XQ_RESULT *)xq_at(plan, p->out) + channel, tile.rows);
    }
    between = moves;
    run(&tile);
  }
}

/* Checks each size, so that the sums below cannot overflow. */
static inline const char *conv_check_sizes(const conv_params *p) {
  const uint32_t limit = XQ_MAX_SIDE;
  if (!p->batch || !p->in_h || !p->in_w || !p->in_c || !p->out_h || !p->out_w || !p->out_c || !p->kernel_h ||
      !p->kernel_w || !p->stride_h || !p->stride_w || !p->dilation_h || !p->dilation_w)
    return XQ_STR(XQ_FAMILY) ": a size is zero";
  if (p->in_h > limit || p->in_w > limit || p->in_c > limit || p->out_c > limit || p->out_h > limit ||
      p->out_w > limit || p->in_pixel > limit || p->out_pixel > limit || p->kernel_h > limit ||
      p->kernel_w > limit || p->stride_h > limit || p->stride_w > limit || p->dilation_h > limit ||
      p->dilation_w > limit || p->batch > limit || p->pad_top > (int32_t)limit ||
      p->pad_left > (int32_t)limit || p->pad_top < -(int32_t)limit || p->pad_left < -(int32_t)limit ||
      p->out_row > XQ_MAX_ELEMENTS || p->out_image > XQ_MAX_ELEMENTS)
    return XQ_STR(XQ_FAMILY) ": a size is too large";
  if (p->in_c > p->in_pixel || p->out_c > p->out_pixel)
    return XQ_STR(XQ_FAMILY) ": more channels than the pixel's stride";
  if (xq_volume(p->batch, p->in_h, p->in_w) > XQ_MAX_ELEMENTS ||
      xq_volume(p->batch, p->out_h, p->out_w) > XQ_MAX_ELEMENTS ||
      (uint64_t)p->out_h * p->stride_h > 0x3fffffffu || (uint64_t)p->out_w * p->stride_w > 0x3fffffffu ||
      (uint64_t)p->kernel_h * p->dilation_h > 0x3fffffffu ||
      (uint64_t)p->kernel_w * p->dilation_w > 0x3fffffffu ||
      (uint64_t)p->kernel_h * p->kernel_w * p->in_c > 0x3fffffffu)
    return XQ_STR(XQ_FAMILY) ": a size overflows";
  return NULL;
}

/* Checks all but the clamp; block_bytes gives the bytes of a block of weights of `width` channels. */
static inline const char *conv_check(const struct xq_plan *plan, const conv_params *p,
    const struct xq_kernel *kernel, struct xq_need *need,
    uint64_t (*block_bytes)(const conv_params *, const struct xq_kernel *, uint64_t width)) {
  const char *error = conv_check_sizes(p);
  if (error) return error;
  uint64_t wanted = p->row_taps ? (uint64_t)p->kernel_w * p->in_c : p->in_c;
  if (p->row_taps && (p->dilation_w != 1 || p->in_pixel != p->in_c))
    return XQ_STR(XQ_FAMILY) ": the taps of a row do not lie side by side";
  if (p->tap_depth < wanted || p->tap_depth % kernel->kr || p->tap_depth >= wanted + kernel->kr)
    return XQ_STR(XQ_FAMILY) ": the width of a tap does not fit";
  if (!p->vectors || p->vectors > 2 || !p->tail || p->tail > p->vectors || !p->rows ||
      p->rows > (p->vectors == 1 ? kernel->mr : kernel->mr2) ||
      p->rows > (p->tail == 1 ? kernel->mr : kernel->mr2))
    return XQ_STR(XQ_FAMILY) ": unknown tile";
  uint64_t width = (uint64_t)p->vectors * kernel->nr, whole = (p->out_c - 1) / width,
           last = (uint64_t)p->tail * kernel->nr;
  if (last < p->out_c - whole * width) return XQ_STR(XQ_FAMILY) ": the last block is too narrow";
  if (p->weights % 4 ||
      !xq_holds(plan, p->weights, whole * block_bytes(p, kernel, width) + block_bytes(p, kernel, last)))
    return XQ_STR(XQ_FAMILY) ": weights outside of the plan";
  if (!p->part_channels) return XQ_STR(XQ_FAMILY) ": a part without channels";
  if (p->part_channels < p->out_c &&
      (p->part_channels % width || p->part_bytes != p->part_channels / width * block_bytes(p, kernel, width)))
    return XQ_STR(XQ_FAMILY) ": the parts of the channels do not fit";
  const uint64_t parts = ((uint64_t)p->out_c + p->part_channels - 1) / p->part_channels;
  if (parts * conv_pixel_tiles(p) > XQ_MAX_ELEMENTS) return XQ_STR(XQ_FAMILY) ": too many tiles";
  const uint64_t size = sizeof(XQ_VALUE);
  if (p->in % size || p->out % sizeof(XQ_RESULT) || p->zero % size)
    return XQ_STR(XQ_FAMILY) ": a tensor is not aligned";
  if (!xq_holds(plan, p->zero, size * wanted)) return XQ_STR(XQ_FAMILY) ": zero row outside of the plan";
  if (!xq_holds(plan, p->in, size * (((uint64_t)p->batch * p->in_h * p->in_w - 1) * p->in_pixel + p->in_c)))
    return XQ_STR(XQ_FAMILY) ": input outside of the plan";
  if (!xq_writes(plan, p->out,
          sizeof(XQ_RESULT) *
              ((uint64_t)(p->batch - 1) * p->out_image + (uint64_t)(p->out_h - 1) * p->out_row +
                  (uint64_t)(p->out_w - 1) * p->out_pixel + p->out_c)))
    return XQ_STR(XQ_FAMILY) ": output outside of the arena";
  need->scratch = conv_pointer_bytes(p) + conv_copy_bytes(p);
  need->tiles = conv_pixel_tiles(p) * (uint32_t)parts;
  return NULL;
}
