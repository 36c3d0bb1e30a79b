/* SPDX-License-Identifier: Apache-2.0 */
/* integer: two int32 (item = 4) or int64 (8) tensors to one, with broadcasting: five dimensions with a stride in elements for each operand, 0 where it repeats;
 * the output is contiguous. out = clamp(op(a, b), low, high), int64 without bounds where they are those of int32. What 32 or 64 bits do not hold wraps around.
 * A divisor of 0 is refused. */
#define XQ_FAMILY integer
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(item) U(d0) U(d1) U(d2) U(d3) U(d4) U(a0) U(a1) U(a2) U(a3) U(a4) U(b0) U(b1) U(b2) U(b3) U(b4) \
  I(low) I(high)
#include "family_begin.h"

/* The operations, by number: */
enum integer_op {
  INTEGER_ADD,
  INTEGER_SUB,
  INTEGER_MUL,
  INTEGER_DIV, /* toward zero */
  INTEGER_FLOOR_DIV,
  INTEGER_FLOOR_MOD, /* a - b floor(a / b) */
  INTEGER_MAXIMUM,
  INTEGER_MINIMUM,
  INTEGER_SQUARED_DIFFERENCE,
  INTEGER_DISTANCE, /* |a - b| */
  INTEGER_COUNT
};
