/* SPDX-License-Identifier: Apache-2.0 */
/* compare: two tensors of float32, int32 or int64 (type 0, 1, 2) to bools of one byte, 0 or 1, with broadcasting: five dimensions with a stride in elements for
 * each operand, 0 where it repeats; the output is contiguous. */
#define XQ_FAMILY compare
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(type) U(d0) U(d1) U(d2) U(d3) U(d4) U(a0) U(a1) U(a2) U(a3) U(a4) U(b0) U(b1) U(b2) U(b3) U(b4)
#include "family_begin.h"

/* The operations, by number: */
enum compare_op { COMPARE_EQUAL, COMPARE_NOT_EQUAL, COMPARE_LESS, COMPARE_LESS_EQUAL, COMPARE_GREATER, COMPARE_GREATER_EQUAL, COMPARE_COUNT };
