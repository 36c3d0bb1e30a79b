/* SPDX-License-Identifier: Apache-2.0 */
/* f32binary: two float32 tensors to one, with broadcasting: five dimensions with a stride in elements for
 * each operand, 0 where it repeats; the output is contiguous. out = clamp(op(a, b), low, high). */
#include "drivers/params.h"

#define XQ_FAMILY f32binary
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) XQ_WALK_PARAMS(U) F(low) F(high)
#define XQ_ENUMS(E) \
  E(op, ADD, SUB, MUL, DIV, FLOOR_DIV, MAXIMUM, MINIMUM, SQUARED_DIFFERENCE, \
    PRELU /* a >= 0 ? a : a b */, FLOOR_MOD /* the rest of a / b, with the sign of b */, POW /* \
        of the C library */)
#include "family_begin.h"
