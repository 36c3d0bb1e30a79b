/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters that several families share, for XQ_PARAMS of family_begin.h. */
#ifndef XQ_DRIVERS_PARAMS_H
#define XQ_DRIVERS_PARAMS_H

/* A convolution. `zero` is a pixel of padding; pixels lie in_pixel and out_pixel elements apart. */
#define XQ_CONV_PARAMS(U) \
  U(in) U(out) U(weights) U(zero) U(batch) U(in_h) U(in_w) U(in_c) U(in_pixel) U(out_h) U(out_w) U(out_c) \
  U(out_pixel) U(kernel_h) U(kernel_w) U(stride_h) U(stride_w) U(dilation_h) U(dilation_w)

/* A dense convolution, in tiles of `rows` pixels by `vectors` vectors of channels, by `tail` in the last
 * block. igemm/family.h explains the others. */
#define XQ_DENSE_PARAMS(U, I) \
  XQ_CONV_PARAMS(U) U(out_row) U(out_image) U(row_taps) U(tap_depth) U(rows) U(vectors) U(tail) \
  U(part_channels) U(part_bytes) I(pad_top) I(pad_left)

/* A depthwise convolution: each input channel has `multiplier` output channels. */
#define XQ_DEPTHWISE_PARAMS(U) XQ_CONV_PARAMS(U) U(pad_top) U(pad_left) U(multiplier)

/* A product of matrices; see matmul/family.h. */
#define XQ_MATMUL_PARAMS(U) \
  U(a) U(b) U(out) U(d0) U(d1) U(d2) U(a0) U(a1) U(a2) U(b0) U(b1) U(b2) U(rows) U(depth) U(columns) \
  U(a_row) U(a_step) U(b_step) U(b_column)

/* Five dimensions, with a stride in each for two operands. */
#define XQ_WALK_PARAMS(U) \
  U(d0) U(d1) U(d2) U(d3) U(d4) U(a0) U(a1) U(a2) U(a3) U(a4) U(b0) U(b1) U(b2) U(b3) U(b4)

#endif
