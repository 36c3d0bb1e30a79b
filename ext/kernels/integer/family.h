/* SPDX-License-Identifier: Apache-2.0 */
/* integer: two int32 (item = 4) or int64 (8) tensors to one, with broadcasting: five dimensions with a stride
 * in elements for each operand, 0 where it repeats; the output is contiguous. out = clamp(op(a, b), low,
 * high), int64 without bounds where they are those of int32. What 32 or 64 bits do not hold wraps around. A
 * divisor of 0 is refused. */
#include "drivers/params.h"

#define XQ_FAMILY integer
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(item) XQ_WALK_PARAMS(U) I(low) I(high)
#define XQ_ENUMS(E) \
  E(op, ADD, SUB, MUL, DIV /* toward zero */, FLOOR_DIV, FLOOR_MOD /* a - b floor(a / b) */, MAXIMUM, \
      MINIMUM, SQUARED_DIFFERENCE, \
    DISTANCE /* |a - b| */)
#include "family_begin.h"
