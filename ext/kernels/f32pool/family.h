/* SPDX-License-Identifier: Apache-2.0 */
/* f32pool: one value from a window of float32, clamped to low .. high; pixels outside of the image do not
 * count. A tile is one row of output pixels. Sums are float32, pixel by pixel, as XNNPACK's; of one channel
 * float64, where XNNPACK adds in several lanes. A reduction of axes is the case whose windows lie side by
 * side. */
#define XQ_FAMILY f32pool
#define XQ_PARAMS(U, I, F) U(in) U(out) U(op) U(batch) U(in_h) U(in_w) U(channels) U(out_h) U(out_w) \
  U(kernel_h) U(kernel_w) U(stride_h) U(stride_w) U(pad_top) U(pad_left) F(low) F(high)
#define XQ_ENUMS(E) E(op, MAXIMUM, MINIMUM, SUM, AVERAGE /* sum / count */, PRODUCT)
#include "family_begin.h"

#define XQ_VALUE float
