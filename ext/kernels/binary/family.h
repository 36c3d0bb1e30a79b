/* SPDX-License-Identifier: Apache-2.0 */
/* binary: two 8-bit tensors to one, with broadcasting: five dimensions with a stride in bytes for each operand, 0 where it repeats; the output is contiguous.
 *   op 0, add: clamp(((ma a + mb b + offset) >> shift) + zero_point); offset holds the zero points and the rounding term
 *   op 1, mul: clamp(RNE(fp32((a - za)(b - zb)) * scale) + zero_point)
 *   op 2, any function: table[256 a + b]; the byte refused - 1 of b is refused, none with refused = 0 */
#define XQ_FAMILY binary
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(table) U(refused) \
  U(d0) U(d1) U(d2) U(d3) U(d4) U(a0) U(a1) U(a2) U(a3) U(a4) U(b0) U(b1) U(b2) U(b3) U(b4) \
  I(ma) I(mb) I(offset) U(shift) I(za) I(zb) F(scale) I(zero_point) I(low) I(high)
#include "family_begin.h"
