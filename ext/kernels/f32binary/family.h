/* SPDX-License-Identifier: Apache-2.0 */
/* f32binary: two float32 tensors to one, with broadcasting: five dimensions with a stride in elements for each operand, 0 where it repeats; the output is
 * contiguous. out = clamp(op(a, b), low, high). */
#define XQ_FAMILY f32binary
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(d0) U(d1) U(d2) U(d3) U(d4) U(a0) U(a1) U(a2) U(a3) U(a4) U(b0) U(b1) U(b2) U(b3) U(b4) F(low) F(high)
#include "family_begin.h"

/* The operations, by number: */
enum f32binary_op {
  F32BINARY_ADD,
  F32BINARY_SUB,
  F32BINARY_MUL,
  F32BINARY_DIV,
  F32BINARY_FLOOR_DIV,
  F32BINARY_MAXIMUM,
  F32BINARY_MINIMUM,
  F32BINARY_SQUARED_DIFFERENCE,
  F32BINARY_PRELU,     /* a >= 0 ? a : a b */
  F32BINARY_FLOOR_MOD, /* the rest of a / b, with the sign of b */
  F32BINARY_POW,       /* of the C library */
  F32BINARY_COUNT
};
