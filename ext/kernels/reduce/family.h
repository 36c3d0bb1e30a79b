/* SPDX-License-Identifier: Apache-2.0 */
/* reduce: a tensor of outer x count0 x middle x count1 x inner elements of 8 bits (item = 1), int32 (4) or
 * int64 (8) to outer x middle x inner results, each from count0 x count1 elements. A tile is up to 64
 * neighbouring results.
 *   SCALED_SUM, mean and sum of bytes: clamp(RNE(fp32(sum) * scale + bias)) + out_offset in TFLite's own
 *     values: in_offset and out_offset, 128 for int8 and 0 for
 *     uint8, lie between them and the engine's bytes; bias holds the zero points
 *   MAXIMUM and MINIMUM
 *   of integers: SUM and PRODUCT, which wrap around; MEAN, its sum in 64 bits, rounded toward zero */
#define XQ_FAMILY reduce
#define XQ_PARAMS(U, I, F) U(in) U(out) U(op) U(item) U(outer) U(count0) U(middle) U(count1) U(inner) \
  F(scale) F(bias) I(in_offset) I(out_offset) I(low) I(high)
#define XQ_ENUMS(E) E(op, SCALED_SUM, MAXIMUM, MINIMUM, SUM, PRODUCT, MEAN)
#define XQ_LIMITS(L) L(MAX_WINDOW, 1 << 22)
#include "family_begin.h"
