/* SPDX-License-Identifier: Apache-2.0 */
/* ddwconv: depthwise convolution of the integers that `dynamic` makes of floats (to_float = 1). A tile is a
 * row of output pixels.
 *
 *   acc[c] = sum over the taps a[tap][c / multiplier] w[tap][c]
 *   out[c] = clamp(fp32(fp32(acc[c] * scale[c]) * row_scale) + bias[c], low, high)
 *
 * All is fp32, which is exact up to 2^24, or 514 taps with 8-bit weights. row_scale is at `factors`. Weights
 * are one stream of blocks of nr channels:
 *   float scale[] | float bias[] | for tap, column by column: float weights[channel] */
#include "drivers/params.h"

#define XQ_FAMILY ddwconv
#define XQ_PARAMS(U, I, F) XQ_DEPTHWISE_PARAMS(U) U(factors) F(low) F(high)
#include "family_begin.h"

#include "math/quantized_row.h"

#define XQ_VALUE float

struct ddwconv_node {
  struct xq_ddwconv_params p; /* the first member, as `p` of a line points to it */
  float scale;
};

/* See drivers/f32depthwise.h. */
#define HEAD 2
#define FIRST(head) ((V(f32)){0})
#define FINISH(line, sum, head) ((sum) * V(load)(head) * \
  V(broadcast)(((const struct ddwconv_node *)(line)->p)->scale) + V(load)((head) + XQ_LANES))
