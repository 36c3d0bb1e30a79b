/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution of floats, the taps of a kernel column by column, as XNNPACK adds them. Before including: LANES and vector.h, HEAD (vectors in front of a block's weights), and of the block with this head
 *   first(head): the sum of a pixel before its first product;  finish(line, sum, head): its result before the clamp */

/* All channels of neighbouring pixels; at: [tap][DEPTHWISE_PIXELS]. */
static inline __attribute__((always_inline)) void block(const int pixels, const struct depthwise_line *l, const float *const *at, float *out) {
  const conv_params *p = l->p;
  const float *w = (const float *)l->weights, low = p->low, high = p->high;
  const uint32_t taps = p->kernel_h * p->kernel_w;
  for (uint32_t c = 0; c < p->out_c; c += LANES) {
    const uint32_t from = LANES == 1 ? c / p->multiplier : c, rest = p->out_c - c;
    xq_vec acc[DEPTHWISE_PIXELS];
#pragma GCC unroll 4
    for (int i = 0; i < pixels; i++) acc[i] = first(w);
    const float *head = w;
    w += HEAD * LANES;
    for (uint32_t x = 0; x < p->kernel_w; x++)
      for (uint32_t t = x; t < taps; t += p->kernel_w, w += LANES) {
        const xq_vec weights = xq_load(w);
#pragma GCC unroll 4
        for (int i = 0; i < pixels; i++) acc[i] = xq_fma(xq_load(at[t * DEPTHWISE_PIXELS + i] + from), weights, acc[i]);
      }
#pragma GCC unroll 4
    for (int i = 0; i < pixels; i++) {
      float all[LANES], *to = out + (size_t)i * p->out_pixel + c;
      xq_store(rest >= LANES ? to : all, xq_clamp_lanes(finish(l, acc[i], head), low, high));
      if (rest < LANES) memcpy(to, all, rest * sizeof(float));
    }
  }
}

static void run(const struct depthwise_line *l) {
  const float **at = (const float **)l->scratch;
  for (uint32_t x = 0; x < l->p->out_w; x += DEPTHWISE_PIXELS) {
    const uint32_t pixels = l->p->out_w - x < DEPTHWISE_PIXELS ? l->p->out_w - x : DEPTHWISE_PIXELS;
    for (uint32_t i = 0; i < pixels; i++) depthwise_point(l, x + i, at + i, DEPTHWISE_PIXELS);
    float *out = l->out + (size_t)x * l->p->out_pixel;
    switch (pixels) {
      case 1: block(1, l, at, out); break;
      case 2: block(2, l, at, out); break;
      case 3: block(3, l, at, out); break;
      default: block(DEPTHWISE_PIXELS, l, at, out); break;
    }
  }
}
