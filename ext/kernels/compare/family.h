/* SPDX-License-Identifier: Apache-2.0 */
/* compare: two tensors of float32, int32 or int64 to bools of one byte, 0 or 1, with broadcasting: five
 * dimensions with a stride in elements for each operand, 0 where it repeats; the output is contiguous. */
#include "drivers/params.h"

#define XQ_FAMILY compare
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(op) U(type) XQ_WALK_PARAMS(U)
#define XQ_ENUMS(E) \
  E(op, EQUAL, NOT_EQUAL, LESS, LESS_EQUAL, GREATER, GREATER_EQUAL) \
  E(type, FLOAT32, INT32, INT64)
#include "family_begin.h"
