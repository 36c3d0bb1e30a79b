/* SPDX-License-Identifier: Apache-2.0 */
/* f32dwconv: depthwise convolution of float32. A tile is a row of output pixels.
 *
 *   acc[c] = bias[c], then for each tap: acc[c] = fma(a[tap][c / multiplier], w[tap][c], acc[c])
 *   out[c] = clamp(acc[c], low, high)
 *
 * All kernels add the taps column by column. Weights are one stream of blocks of nr channels:
 *   float bias[] | for tap, column by column: float weights[channel] */
#include "drivers/params.h"

#define XQ_FAMILY f32dwconv
#define XQ_PARAMS(U, I, F) XQ_DEPTHWISE_PARAMS(U) F(low) F(high)
#include "family_begin.h"

#define XQ_VALUE float

/* See drivers/f32depthwise.h. */
#define HEAD 1
#define FIRST(head) V(load)(head)
#define FINISH(line, sum, head) (sum)
