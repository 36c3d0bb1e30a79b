/* SPDX-License-Identifier: Apache-2.0 */
/* f32resize: bilinear, float32. `rows` and `columns` are tables of (uint32 low, uint32 high, float weight of
 * high) for each output index. With mix(l, h, w) = l + (h - l) w: first the columns of two rows, then the
 * rows. A tile is one output row. */
#define XQ_FAMILY f32resize
#define XQ_PARAMS(U, I, F) U(in) U(out) U(rows) U(columns) U(batch) U(in_h) U(in_w) U(channels) U(out_h) \
  U(out_w)
#include "family_begin.h"

struct f32resize_tap {
  uint32_t low, high;
  float weight;
};
