/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* dgemm: dense convolution of the bytes that `dynamic` makes of floats to floats; tiles and taps are igemm's.
 *
 *   acc[m][n] = sum_k a[m][k] w[k][n] - zero_point[m] * sum[n]                    int32
 *   out[m][n] = clamp(fma(fp32(fp32(acc) * row_scale[m]), scale[n], bias[n]), low, high)
 *
 * fma as in XNNPACK on every processor with AVX2. sum[n] is the sum of the channel's weights; row_scale and
 * zero_point are at `factors`, for each output pixel if per_pixel = 1. Weights are one stream of blocks:
 *   64 bytes: 0 | float bias[] | float scale[] | int32 sum[] | for tap, for k / kr: weights[channel][kr] */
#include "drivers/params.h"

#define XQ_FAMILY dgemm
#define XQ_PARAMS(U, I, F) XQ_DENSE_PARAMS(U, I) U(factors) U(per_pixel) F(low) F(high)
#include "family_begin.h"

#include "math/quantized_row.h"

#define XQ_VALUE uint8_t
#define XQ_RESULT float

#define DGEMM_HEAD XQ_BLOCK_HEAD /* bytes before the bias of a block */
