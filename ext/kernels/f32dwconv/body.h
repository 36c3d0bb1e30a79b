/* SPDX-License-Identifier: Apache-2.0 */
/* Before including: XQ_THIS and LANES, floats per register. */
#include "f32dwconv/family.h"
#include "depthwise.h"
#include "elementwise.h"
#include "vector.h"

#define PIXELS F32DWCONV_PIXELS

/* All channels of neighbouring pixels; at: [tap][PIXELS]. */
static inline __attribute__((always_inline)) void block(const int pixels, const struct depthwise_line *l, const float *const *at, float *out) {
  const conv_params *p = l->p;
  const float *w = (const float *)l->weights, low = p->low, high = p->high;
  const uint32_t taps = p->kernel_h * p->kernel_w;
  for (uint32_t c = 0; c < p->out_c; c += LANES) {
    const uint32_t from = LANES == 1 ? c / p->multiplier : c, rest = p->out_c - c;
    xq_vec acc[PIXELS];
#pragma GCC unroll 4
    for (int i = 0; i < pixels; i++) acc[i] = xq_load(w);
    w += LANES;
    for (uint32_t x = 0; x < p->kernel_w; x++)
      for (uint32_t t = x; t < taps; t += p->kernel_w, w += LANES) {
        const xq_vec weights = xq_load(w);
#pragma GCC unroll 4
        for (int i = 0; i < pixels; i++) acc[i] = xq_fma(xq_load(at[t * PIXELS + i] + from), weights, acc[i]);
      }
#pragma GCC unroll 4
    for (int i = 0; i < pixels; i++) {
      float all[LANES], *to = out + (size_t)i * p->out_pixel + c;
      xq_store(rest >= LANES ? to : all, xq_clamp_lanes(acc[i], low, high));
      if (rest < LANES) memcpy(to, all, rest * sizeof(float));
    }
  }
}

static void run(const struct depthwise_line *l) {
  const float **at = (const float **)l->scratch;
  for (uint32_t x = 0; x < l->p->out_w; x += PIXELS) {
    const uint32_t pixels = l->p->out_w - x < PIXELS ? l->p->out_w - x : PIXELS;
    for (uint32_t i = 0; i < pixels; i++) depthwise_point(l, x + i, at + i, PIXELS);
    float *out = l->out + (size_t)x * l->p->out_pixel;
    switch (pixels) {
      case 1: block(1, l, at, out); break;
      case 2: block(2, l, at, out); break;
      case 3: block(3, l, at, out); break;
      default: block(PIXELS, l, at, out); break;
    }
  }
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, run);
}
