/* SPDX-License-Identifier: Apache-2.0 */
/* Parameters that several families have in common; for XQ_PARAMS (see family_begin.h). */
#ifndef XQ_DRIVERS_PARAMS_H
#define XQ_DRIVERS_PARAMS_H

/* A convolution: places, sizes of the images, and the window. `zero` is a pixel of padding; in_pixel and
 * out_pixel are elements from one pixel to the next. */
#define XQ_CONV_PARAMS(U) \
  U(in) U(out) U(weights) U(zero) U(batch) U(in_h) U(in_w) U(in_c) U(in_pixel) U(out_h) U(out_w) U(out_c) \
      U(out_pixel) \
  U(kernel_h) U(kernel_w) U(stride_h) U(stride_w) U(dilation_h) U(dilation_w)

/* Of drivers/convolution.h: tiles of `rows` pixels by `vectors` vectors of channels (the last block: `tail`).
 * igemm/family.h explains the others. */
#define XQ_DENSE_PARAMS(U, I) \
  XQ_CONV_PARAMS(U) U(out_row) U(out_image) U(row_taps) U(tap_depth) U(rows) U(vectors) U(tail) \
      U(part_channels) U(part_bytes) \
  I(pad_top) I(pad_left)

/* Of drivers/depthwise.h: each input channel has `multiplier` output channels. */
#define XQ_DEPTHWISE_PARAMS(U) XQ_CONV_PARAMS(U) U(pad_top) U(pad_left) U(multiplier)

/* A walk over five dimensions with a step in each for two operands. */
#define XQ_WALK_PARAMS(U) \
  U(d0) U(d1) U(d2) U(d3) U(d4) U(a0) U(a1) U(a2) U(a3) U(a4) U(b0) U(b1) U(b2) U(b3) U(b4)

#endif
