/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* binary: two 8-bit tensors to one, with broadcasting: five dimensions with a stride in bytes for each
 * operand, 0 where it repeats; the output is contiguous.
 *   ADD: clamp(((ma a + mb b + offset) >> shift) + zero_point); offset holds the zero points and the rounding
 *     term
 *   MUL: clamp(RNE(fp32((a - za)(b - zb)) * scale) + zero_point); with a table, the rows d3 of a meet the
 *     same row of b, or one element, and the table has
 *     for each byte of b a line of math/lines.h, with `shift`, that gives the same results: three rows of 256
 *       int16, high, low and bias, and one of bytes, upper
 *   TABLE, any function: table[256 a + b]; the byte refused - 1 of b is refused, none with refused = 0 */
#include "drivers/params.h"

#define XQ_FAMILY binary
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(table) U(refused) XQ_WALK_PARAMS(U) \
  I(ma) I(mb) I(offset) U(shift) I(za) I(zb) F(scale) I(zero_point) I(low) I(high)
#define XQ_ENUMS(E) E(op, ADD, MUL, TABLE)
#define XQ_LIMITS(L) L(MAX_LINES, 4096)
#include "family_begin.h"

/* Lines stand side by side for whole registers of elements: how many of them, for mul with a table. */
static inline uint32_t binary_period(const struct xq_binary_params *p) {
  uint32_t period = p->b4 ? p->d4 : 1;
  while (period % 64 && period <= MAX_LINES) period *= 2;
  return period;
}
