/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* dwconv: depthwise convolution. A tile is a row of output pixels, or two for kernels with `row_pairs`.
 *
 *   acc[c] = bias[c] + sum_tap a[tap][c / multiplier] w[tap][c]
 *   out[c] = clamp(RNE(fp32(acc) * scale[c]) + zero_point, low, high)
 *
 * The input's zero point is part of the bias. Weights are one stream of blocks (xqtool/lowering/pack.py):
 *   64 bytes: uint32 has_residual | int32 bias[] | float scale[] | weights | residual weights
 * Taps come row by row. With kr = 2 they come column by column in pairs of rows, and the last of an odd
 * number of rows is paired with itself one tap to the right, in every second column; with kr = 4 in groups of
 * four rows. Kernels with `row_pairs` (driver.h) fill blocks of the widest width with copies of channels:
 *   64 bytes: uint32 residual[vector] | weights[vector][tap][row] | bias | scale |
 *   uint32 taps of the residual weights, filled up to 64 bytes | residual weights[row]
 * Residual weights are what the differences w - zero point exceed 8 bits by; 255 exceeds both together. */
#include "drivers/params.h"

#define XQ_FAMILY dwconv
#define XQ_PARAMS(U, I, F) XQ_DEPTHWISE_PARAMS(U) I(zero_point) I(low) I(high)
#include "family_begin.h"

#define XQ_VALUE uint8_t

struct dwconv_block {
  union {
    uint32_t has_residual;
    uint32_t residual[4]; /* with row_pairs: how many taps of each vector have residual weights */
  };
  uint32_t unused[XQ_BLOCK_HEAD / 4 - 4];
};
