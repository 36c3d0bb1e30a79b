/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* binary: two 8-bit tensors to one, in five dimensions with a stride in bytes for each operand, 0 where it
 * repeats; the output is contiguous.
 *   ADD: clamp(((ma a + mb b + offset) >> shift) + zero_point), where offset has the zero points and rounds
 *   MUL: clamp(RNE(fp32((a - za)(b - zb)) * scale) + zero_point). With a table all rows d3 of a meet the same
 *     row or element of b. The table has a line of math/lines.h with these results for each byte of b: three
 *     rows of 256 int16, high, low and bias, and one of bytes, upper
 *   TABLE: table[256 a + b], any function. The byte refused - 1 of b is refused, none if refused = 0 */
#include "drivers/params.h"

#define XQ_FAMILY binary
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(table) U(refused) XQ_WALK_PARAMS(U) \
  I(ma) I(mb) I(offset) U(shift) I(za) I(zb) F(scale) I(zero_point) I(low) I(high)
#define XQ_ENUMS(E) E(op, ADD, MUL, TABLE)
#define XQ_LIMITS(L) L(MAX_LINES, 4096)
#include "family_begin.h"

/* The lines that mul with a table stores, which fill whole registers. */
static inline uint32_t binary_period(const struct xq_binary_params *p) {
  uint32_t period = p->b4 ? p->d4 : 1;
  while (period % 64 && period <= MAX_LINES) period *= 2;
  return period;
}
