/* SPDX-License-Identifier: Apache-2.0 */
/* dgemm: dense convolution of the bytes that `dynamic` makes of floats, by constant 8-bit weights, to floats; tiles, taps and places are those of igemm.
 *
 *   acc[m][n] = sum_k a[m][k] w[k][n] - zero_point[m] * sum[n]                    int32
 *   out[m][n] = clamp(fma(fp32(fp32(acc) * row_scale[m]), scale[n], bias[n]), low, high)
 *
 * with the fused multiply-add that XNNPACK has on every processor with AVX2. sum[n] is that of the channel's weights; row_scale and zero_point are those of the
 * output pixel at `factors` (per_pixel = 1), or the first ones there for all (per_pixel = 0). Weights are blocks like igemm's, with channels in order:
 *   64 bytes: 0 | float bias[] | float scale[] | int32 sum[] | for tap, for k / depth: weights[channel][depth] */
#define XQ_FAMILY dgemm
#define XQ_PARAMS(U, I, F)                                                                                                                               \
  U(in) U(out) U(weights) U(zero) U(batch) U(in_h) U(in_w) U(in_c) U(in_pixel) U(out_h) U(out_w) U(out_c) U(out_pixel) U(out_row) U(out_image) U(kernel_h) \
  U(kernel_w) U(stride_h) U(stride_w) U(dilation_h) U(dilation_w) U(row_taps) U(tap_depth) U(rows) U(vectors) U(tail) U(part_channels) U(part_bytes) U(factors) U(per_pixel) I(pad_top)   \
  I(pad_left) F(low) F(high)
#include "family_begin.h"

#include "math/quantized_row.h"

#define XQ_VALUE uint8_t
#define XQ_RESULT float

#define DGEMM_HEAD 64 /* bytes before the bias of a block */
