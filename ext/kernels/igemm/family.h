/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* igemm: dense convolution by the indirect algorithm. A tile is a run of output pixels; for each of its
 * pixels and each kernel tap there is a pointer to the channels under the tap, so padding, stride and
 * dilation cost nothing in the loop over channels. 1x1 convolution and fully connected are the one-tap case.
 * Without dilation the taps of one kernel row lie side by side in the image and are one tap (`row_taps`); at
 * the left and right border they are copied together first.
 *
 *   acc[m][n] = bias[n] + sum_k a[m][k] w[k][n]                                   int32
 *   out[m][n] = clamp(RNE(fp32(acc) * scale[n]) + zero_point, low, high)          uint8
 *
 * A layer of few pixels and many channels is cut into parts of part_channels, whole blocks whose weights take
 * part_bytes, so that threads can share it. Output pixels lie out_pixel bytes apart, rows out_row, images
 * out_image: a transposed convolution is one dense convolution per phase of its stride, each into every
 * stride-th pixel. Negative padding skips input pixels. The input's zero point is folded into the bias.
 * Weights are one stream of blocks of `vectors` vectors of nr channels (the last block: `tail`):
 *   64 bytes: uint32 count, rest 0 | int32 bias[] | float scale[] | uint32 (tap, k)[residual], filled up to
 *     64 bytes
 *   | for tap, for k / kr: weights[channel][kr] | for each (tap, k): weights[channel][kr]
 * The `count` (tap, k), at most `residual`, are inputs that residual weights multiply, too: by what a
 * difference w - zero point exceeds 8 bits. Few do, as a tensor's range is that of its greatest weight.
 * Kernels with 16-bit weights hold every difference. */
#include "drivers/params.h"

#define XQ_FAMILY igemm
#define XQ_PARAMS(U, I, F) XQ_DENSE_PARAMS(U, I) U(residual) I(zero_point) I(low) I(high)
#include "family_begin.h"

#define XQ_VALUE uint8_t

struct igemm_block { /* head of a block of weights */
  uint32_t count, unused[XQ_BLOCK_HEAD / 4 - 1];
};

struct igemm_step { /* inputs that are multiplied by residual weights, too */
  uint32_t tap, k;
};

static inline uint64_t igemm_steps_bytes(const struct xq_igemm_params *p) {
  return (p->residual * sizeof(struct igemm_step) + XQ_ALIGN - 1) / XQ_ALIGN * XQ_ALIGN;
}

/* Bytes of a block of `width` channels with so many inputs each. */
static inline uint64_t igemm_block_bytes(
    const struct xq_igemm_params *p, uint64_t inputs, uint64_t width, uint64_t depth, uint64_t weight_bytes) {
  return sizeof(struct igemm_block) + 8 * width + igemm_steps_bytes(p) +
         width * (inputs + p->residual * depth) * weight_bytes;
}

/* Can the weights of a block stay in registers? Up to 32 inputs in one tap, or three rows of 3x3 over an
 * image of three channels, or of 3x5 in blocks of one vector. */
static inline int igemm_stationary(uint32_t taps, uint32_t tap_depth, uint32_t vectors) {
  return (taps == 1 && tap_depth <= 32) ||
         (taps == 3 && (tap_depth == 12 || (tap_depth == 16 && vectors == 1)));
}
