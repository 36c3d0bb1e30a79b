/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution by vpdpbusd: the bytes of four taps are interleaved so that each 32-bit lane holds four taps of one channel. Interleaving by unpack
 * leaves the channels in the order that packs and packus undo, so the weights are permuted once at packing and the results come out in order.
 *
 * Channels go in blocks of 64, then 32, then 16: body.h is compiled for each width of vector.
 * `walk3` (3x3) goes along a row of output pixels with the weights in registers; each input column is interleaved once and used by up to three
 * output pixels. `walk5` does the same for 5x5, 16 channels at a time (narrow.h). `columns` takes any window: it interleaves
 * the columns of a segment of output pixels to scratch, groups of four kernel rows at a time, then accumulates eight pixels at once. */
#include <immintrin.h>

#include "dwconv/driver.h"
#include "evexdot.h"

/* With a dilation D across a row, pixels D apart share columns: a row has D phases, each a walk over every D-th pixel. The one from pixel `first` on: */
struct dwconv_phase {
  uint8_t *out, *end;
  size_t next; /* bytes from one of its pixels to the next */
};

static inline __attribute__((always_inline)) struct dwconv_phase dwconv_phase_of(const struct depthwise_line *l, uint32_t c, uint32_t first) {
  const struct xq_dwconv_params *p = l->p;
  const size_t next = (size_t)p->dilation_w * p->out_pixel, pixels = (p->out_w - first + p->dilation_w - 1) / p->dilation_w;
  uint8_t *out = l->out + (size_t)first * p->out_pixel + c;
  return (struct dwconv_phase){out, out + pixels * next, next};
}

/* The columns that it reads: the first of them is column `begin` of the image, `x` of its own count, which is 0 at the first inside of the image. */
struct dwconv_columns {
  int32_t begin, x;
  uint32_t width;
};

static inline struct dwconv_columns dwconv_columns_of(const struct xq_dwconv_params *p, uint32_t first) {
  const int32_t apart = (int32_t)p->dilation_w, begin = (int32_t)first - (int32_t)p->pad_left, before = begin < 0 ? (apart - 1 - begin) / apart : 0;
  const int32_t rest = (int32_t)p->in_w - (begin + before * apart);
  return (struct dwconv_columns){begin, -before, rest > 0 ? (uint32_t)((rest + apart - 1) / apart) : 0};
}

/* Where a walk stands: the three kernel rows at column x; step: to the next column, 0 for rows of padding. */
struct dwconv_cursor {
  const uint8_t *r0, *r1, *r2, *zero;
  ptrdiff_t step0, step1, step2;
  int32_t x;
  uint32_t width;
};

static inline __attribute__((always_inline)) void dwconv_skip(struct dwconv_cursor *at, ptrdiff_t columns) {
  at->r0 += columns * at->step0;
  at->r1 += columns * at->step1;
  at->r2 += columns * at->step2;
  at->x += (int32_t)columns;
}

static inline __attribute__((always_inline)) struct dwconv_cursor dwconv_cursor_of(const struct depthwise_line *l, uint32_t c, uint32_t first) {
  const struct xq_dwconv_params *p = l->p;
  const uint8_t *rows[3], *zero = l->zero + c;
  const struct dwconv_columns columns = dwconv_columns_of(p, first);
  ptrdiff_t step[3];
  for (int r = 0; r < 3; r++) {
    const int32_t y = l->y + r * (int32_t)p->dilation_h;
    const int inside = y >= 0 && y < (int32_t)p->in_h;
    rows[r] = inside ? l->image + ((ptrdiff_t)y * p->in_w + columns.begin) * p->in_pixel + c : zero;
    step[r] = inside ? (ptrdiff_t)p->dilation_w * p->in_pixel : 0;
  }
  return (struct dwconv_cursor){rows[0], rows[1], rows[2], zero, step[0], step[1], step[2], columns.x, columns.width};
}

#define WIDTH 64
#define MM(op) _mm512_##op
#define VI __m512i
#define VIU __m512i_u
#define VF __m512
#define SI(op) _mm512_##op##_si512
#define MASK __mmask64
#include "dwconv/avx512vnni_body.h"

#define WIDTH 32
#define MM(op) _mm256_##op
#define VI __m256i
#define VIU __m256i_u
#define VF __m256
#define SI(op) _mm256_##op##_si256
#define MASK __mmask32
#include "dwconv/avx512vnni_body.h"

#define WIDTH 16
#define MM(op) _mm_##op
#define VI __m128i
#define VIU __m128i_u
#define VF __m128
#define SI(op) _mm_##op##_si128
#define MASK __mmask16
#include "dwconv/avx512vnni_body.h"

#include "dwconv/avx512vnni_narrow.h"

static void walk3(const struct depthwise_line *l) {
  const uint8_t *weights = l->weights;
  uint32_t c = 0, channels = l->p->out_c;
  for (; channels - c >= 64; c += 64) weights = walk_64(l, weights, c);
  for (; channels - c >= 32; c += 32) weights = walk_32(l, weights, c);
  for (; c < channels; c += 16) weights = narrow_block(3, l, weights, c);
}

static void walk5(const struct depthwise_line *l) {
  const uint8_t *weights = l->weights;
  for (uint32_t c = 0; c < l->p->out_c; c += 16) weights = narrow_block(5, l, weights, c);
}

static void columns(const struct depthwise_line *l) {
  const uint8_t *weights = l->weights;
  uint32_t c = 0, channels = l->p->out_c;
  for (; channels - c >= 64; c += 64) weights = columns_64(l, weights, c);
  for (; channels - c >= 32; c += 32) weights = columns_32(l, weights, c);
  for (; c < channels; c += 16) weights = columns_16(l, weights, c);
}

void xq_dwconv__avx512vnni_walk3(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, walk3);
}

void xq_dwconv__avx512vnni_walk5(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, walk5);
}

void xq_dwconv__avx512vnni_columns(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, columns);
}
