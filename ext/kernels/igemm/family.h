/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* igemm: dense convolution by the indirect algorithm. A tile is a run of output pixels. For each pixel and
 * each tap of the kernel there is a pointer to the channels under the tap, so that padding, stride and
 * dilation cost nothing in the loop over channels. With `row_taps` a kernel row, contiguous in the image, is
 * a single tap; at the left and right border it is copied first.
 *
 *   acc[m][n] = bias[n] + sum_k a[m][k] w[k][n]                                   int32
 *   out[m][n] = clamp(RNE(fp32(acc) * scale[n]) + zero_point, low, high)          uint8
 *
 * Threads share a layer of few pixels in parts of part_channels, whole blocks of part_bytes. Output pixels
 * lie out_pixel bytes apart, rows out_row, images out_image: each phase of a transposed convolution writes
 * every stride-th pixel. Negative padding skips inputs. The input's zero point is part of the bias. Weights
 * are one stream of blocks of `vectors` vectors of nr channels, the last one of `tail` vectors:
 *   64 bytes: uint32 count, rest 0 | int32 bias[] | float scale[] | uint32 (tap, k)[residual], filled up to
 *     64 bytes
 *   | for tap, for k / kr: weights[channel][kr] | for each (tap, k): weights[channel][kr]
 * Residual weights are what the differences w - zero point exceed 8 bits by, for `count` inputs (tap, k), at
 * most `residual`. Kernels with 16-bit weights have none. */
#include "drivers/params.h"

#define XQ_FAMILY igemm
#define XQ_PARAMS(U, I, F) XQ_DENSE_PARAMS(U, I) U(residual) I(zero_point) I(low) I(high)
#include "family_begin.h"

#define XQ_VALUE uint8_t

struct igemm_block { /* head of a block of weights */
  uint32_t count, unused[XQ_BLOCK_HEAD / 4 - 1];
};

struct igemm_step { /* inputs that have residual weights */
  uint32_t tap, k;
};

static inline uint64_t igemm_steps_bytes(const struct xq_igemm_params *p) {
  return (p->residual * sizeof(struct igemm_step) + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN;
}

/* Bytes of a block of `width` channels with `inputs` inputs each. */
static inline uint64_t igemm_block_bytes(
    const struct xq_igemm_params *p, uint64_t inputs, uint64_t width, uint64_t depth, uint64_t weight_bytes) {
  return sizeof(struct igemm_block) + 8 * width + igemm_steps_bytes(p) +
         width * (inputs + p->residual * depth) * weight_bytes;
}

/* Can a block's weights stay in registers? There are up to 32 inputs in one tap, or three taps of a 3x3
 * window over three channels, or of a 3x5 window in blocks of one vector. */
static inline int igemm_stationary(uint32_t taps, uint32_t tap_depth, uint32_t vectors) {
  return (taps == 1 && tap_depth <= 32) ||
         (taps == 3 && (tap_depth == 12 || (tap_depth == 16 && vectors == 1)));
}
