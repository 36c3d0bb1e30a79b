/* SPDX-License-Identifier: Apache-2.0 */
/* reduce: a tensor of outer x count0 x middle x count1 x inner elements of 8 bits (item = 1), int32 (4) or int64 (8) to outer x middle x inner results, each
 * from count0 x count1 elements. A tile is up to 64 neighbouring results.
 *   op 0, mean and sum of bytes: clamp(RNE(fp32(sum) * scale + bias)) + out_offset in TFLite's own values: in_offset and out_offset, 128 for int8 and 0 for
 *     uint8, lie between them and the engine's bytes; bias holds the zero points
 *   op 1, the greatest element; op 2, the least
 *   of integers: op 3, the sum, op 4, the product, which wrap around; op 5, the mean, its sum in 64 bits, rounded toward zero */
#define XQ_FAMILY reduce
#define XQ_PARAMS(U, I, F) U(in) U(out) U(op) U(item) U(outer) U(count0) U(middle) U(count1) U(inner) F(scale) F(bias) I(in_offset) I(out_offset) \
  I(low) I(high)
#include "family_begin.h"
