/* SPDX-License-Identifier: Apache-2.0 */
/* f32conv: dense convolution of float32 by the indirect algorithm; tiles, taps and places are those of igemm.
 *
 *   acc[m][n] = bias[n], then for each k in order: acc[m][n] = fma(a[m][k], w[k][n], acc[m][n])
 *   out[m][n] = clamp(acc[m][n], low, high)
 *
 * Each output has a lane of its own and its sum one order, without fused multiply-add, so that all rows give the same bits. Weights are one stream of blocks of
 * `lanes` channels times `vectors` (the last block: `tail`):
 *   float bias[] | for tap, for k: float weights[channel] */
#define XQ_FAMILY f32conv
#define XQ_PARAMS(U, I, F)                                                                                                                               \
  U(in) U(out) U(weights) U(zero) U(batch) U(in_h) U(in_w) U(in_c) U(in_pixel) U(out_h) U(out_w) U(out_c) U(out_pixel) U(out_row) U(out_image) U(kernel_h) \
  U(kernel_w) U(stride_h) U(stride_w) U(dilation_h) U(dilation_w) U(row_taps) U(tap_depth) U(rows) U(vectors) U(tail) U(part_channels) U(part_bytes) I(pad_top) I(pad_left) F(low) F(high)
#include "family_begin.h"

#define XQ_VALUE float
