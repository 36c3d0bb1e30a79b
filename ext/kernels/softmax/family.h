/* SPDX-License-Identifier: Apache-2.0 */
/* softmax over the last dimension, with e[d] = exponentials[d] for the distance d from the row's maximum (256
 * entries), all in fp32, sums in order:
 *   log = 0: out = floor(e[d] * (1 / (sum e * out_scale)) + 0.5) + zero_point
 *   log = 1: out = RNE(in_scale / out_scale * x - (in_scale * max + log(sum e)) / out_scale) + zero_point, x
 *     and max in TFLite's own values: byte - in_offset
 * A tile is one row. */
#define XQ_FAMILY softmax
#define XQ_PARAMS(U, I, F) U(in) U(out) U(exponentials) U(outer) U(count) U(log) F(in_scale) F(out_scale) \
  I(in_offset) I(zero_point) I(low) I(high)
#include "family_begin.h"
