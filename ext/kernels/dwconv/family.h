/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* dwconv: depthwise convolution. A tile is one row of output pixels, or two of them for kernels with
 * `row_pairs`.
 *
 *   acc[c] = bias[c] + sum_tap a[tap][c / multiplier] w[tap][c];  out[c] = clamp(RNE(fp32(acc) * scale[c]) +
 *     zero_point, low, high)
 *
 * The input's zero point is folded into the bias. Weights are one stream of blocks of channels
 * (xqtool/lowering/pack.py):
 *   64 bytes: uint32 1 if a set of residual weights follows | int32 bias[] | float scale[] | weights |
 *     residual weights
 * with taps row by row; where kr is 2 column by column, two rows together, the last of an odd number of rows
 * with itself one tap to the right, in every second column; where kr is 4 column by column, each column
 * filled up to groups of four rows. Kernels with `row_pairs` (driver.h) have other blocks, always of the
 * widest width, which fewer channels fill with copies of themselves:
 *   64 bytes: uint32 number of residual weights of each of four vectors | weights[vector][tap][row] | bias |
 *     scale | their taps, uint32, filled up to 64 bytes |
 *   residual weights[row]
 * Kernels with 8-bit weights hold of a difference w - zero point what fits 8 bits: the residual weights are
 * what is left. They cannot hold 255. */
#include "drivers/params.h"

#define XQ_FAMILY dwconv
#define XQ_PARAMS(U, I, F) XQ_DEPTHWISE_PARAMS(U) I(zero_point) I(low) I(high)
#include "family_begin.h"

#define XQ_VALUE uint8_t

struct dwconv_block {
  union {
    /* residual: of kernels with row_pairs, how many taps of each vector have residual weights */
    uint32_t has_residual, residual[4];
  };
  uint32_t unused[XQ_BLOCK_HEAD / 4 - 4];
};
