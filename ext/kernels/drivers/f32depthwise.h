/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution of floats, which adds taps column by column as XNNPACK does. A family defines HEAD,
 * the vectors in front of a block's weights; FIRST(head), what a sum begins with; and FINISH(line, sum,
 * head), the result before the clamp. */
#pragma once
#ifndef XQ_FAMILY
#include "f32dwconv/family.h"
#endif
#include "drivers/depthwise.h"
#include "drivers/f32depthwise_group.h"
#include "simd/vector.h"

#if XQ_LANES > 1
#undef LANES
#define LANES HALF_LANES
#include "drivers/f32depthwise_square.h"
#undef LANES
#define LANES XQ_LANES
#include "drivers/f32depthwise_square.h"
#endif

/* Computes the channels from c on of `pixels` neighbours, whose inputs are at[tap][DEPTHWISE_PIXELS]. */
XQ_INLINE void block(const int pixels, const struct depthwise_line *l, const float *const *at, uint32_t c,
    const float *head, float *out) {
  const conv_params *p = l->p;
  const float *w = head + HEAD * LANES;
  const uint32_t taps = p->kernel_h * p->kernel_w, from = LANES == 1 ? c / p->multiplier : c;
  V(f32) acc[DEPTHWISE_PIXELS];
  XQ_EACH(i, pixels) acc[i] = FIRST(head);
  for (uint32_t x = 0; x < p->kernel_w; x++)
    for (uint32_t t = x; t < taps; t += p->kernel_w, w += LANES) {
      const V(f32) weights = V(load)(w);
      XQ_EACH(i, pixels) acc[i] = V(fma)(V(load)(at[t * DEPTHWISE_PIXELS + i] + from), weights, acc[i]);
    }
  XQ_EACH(i, pixels) V(store_some)
  (out + (size_t)i * p->out_pixel + c, V(clamp)(FINISH(l, acc[i], head), p->low, p->high), p->out_c - c);
}

static inline size_t block_floats(const conv_params *p) {
  return (HEAD + (size_t)p->kernel_h * p->kernel_w) * LANES;
}

/* Runs a row with any window. */
static void run_points(const struct depthwise_line *l) {
  const conv_params *p = l->p;
  const float **at = (const float **)l->scratch;
  for (uint32_t x = 0; x < p->out_w; x += DEPTHWISE_PIXELS) {
    const uint32_t pixels = p->out_w - x < DEPTHWISE_PIXELS ? p->out_w - x : DEPTHWISE_PIXELS;
    for (uint32_t i = 0; i < pixels; i++) depthwise_point(l, x + i, at + i, DEPTHWISE_PIXELS);
    float *out = l->out + (size_t)x * p->out_pixel;
    const float *head = (const float *)l->weights;
    for (uint32_t c = 0; c < p->out_c; c += LANES, head += block_floats(p)) switch (pixels) {
      case 1: block(1, l, at, c, head, out); break;
      case 2: block(2, l, at, c, head, out); break;
      case 3: block(3, l, at, c, head, out); break;
      default: block(DEPTHWISE_PIXELS, l, at, c, head, out); break;
      }
  }
}

#if LANES > 1
XQ_INLINE void sum_channels(const int size, const int stride, const int edge, const struct group g) {
  const float *head = (const float *)g.l->weights;
  uint32_t c = 0;
  for (; c + LANES / 2 < g.channels; c += LANES, head += (HEAD + size * size) * LANES)
    V(sums)(size, stride, edge, g, c, head);
  if (c < g.channels) HALF(sums)(size, stride, edge, g, c, head);
}

/* Sets the pointers to the inputs of a group where some of them lie outside of the image. */
XQ_INLINE void point(
    const int size, const int stride, const struct depthwise_line *l, int32_t left, const float **at) {
  const conv_params *p = l->p;
  for (int x = 0; x < columns_of(size, stride); x++, left += (int32_t)p->dilation_w)
    for (int y = 0; y < size; y++) {
      const int32_t row = l->y + y * (int32_t)p->dilation_h;
      const int inside = left >= 0 && left < (int32_t)p->in_w && row >= 0 && row < (int32_t)p->in_h;
      *at++ = inside ? l->image + ((size_t)row * p->in_w + (size_t)left) * p->in_pixel : l->zero;
    }
}

/* Computes the pixels first, first + dilation, ... of a row. */
XQ_INLINE void run_phase(const int size, const int stride, const struct depthwise_line *l, uint32_t first) {
  const conv_params *p = l->p;
  const float *at[11 * 5];
  const int32_t apart = (int32_t)p->dilation_w, reach = (columns_of(size, stride) - 1) * apart;
  /* groups that begin between 0 and end have all inputs in the image */
  const int32_t end = l->inside ? (int32_t)p->in_w - reach : INT32_MIN;
  struct group g = {.l = l,
      .at = at,
      .out = l->out + (size_t)first * p->out_pixel,
      .step = (size_t)apart * p->in_pixel,
      .next = (size_t)apart * p->out_pixel,
      .pixels = (p->out_w - first - 1) / p->dilation_w + 1,
      .channels = p->out_c,
      .low = p->low,
      .high = p->high};
  int32_t left = (int32_t)(first * stride) - (int32_t)p->pad_left;
  XQ_EACH(y, size)
    g.row[y] = l->image + ((l->y + y * (ptrdiff_t)p->dilation_h) * p->in_w + left) * p->in_pixel;
  for (;;) {
    if (left >= 0 && left < end && g.pixels >= DEPTHWISE_PIXELS) {
      sum_channels(size, stride, 0, g);
    } else {
      point(size, stride, l, left, at);
      sum_channels(size, stride, 1, g);
    }
    if (g.pixels <= DEPTHWISE_PIXELS) break;
    g.pixels -= DEPTHWISE_PIXELS;
    g.out += DEPTHWISE_PIXELS * g.next;
    left += DEPTHWISE_PIXELS * stride * apart;
    XQ_EACH(y, size) g.row[y] += (size_t)(DEPTHWISE_PIXELS * stride) * g.step;
  }
}

#define SQUARE(size, stride) \
  static void run_##size##x##stride(const struct depthwise_line *l) { \
    for (uint32_t i = 0; i < l->p->dilation_w && i < l->p->out_w; i++) run_phase(size, stride, l, i); \
  }
SQUARE(3, 1)
SQUARE(3, 2)
SQUARE(5, 1)
SQUARE(5, 2)
#endif

typedef void line_fn(const struct depthwise_line *);

static line_fn *run_of(const conv_params *p) {
#if LANES > 1
  const int square =
      p->kernel_h == p->kernel_w && (p->stride_w == 1 || (p->stride_w == 2 && p->dilation_w == 1));
  if (square && p->kernel_w == 3) return p->stride_w == 1 ? run_3x1 : run_3x2;
  if (square && p->kernel_w == 5) return p->stride_w == 1 ? run_5x1 : run_5x2;
#endif
  return run_points;
}
