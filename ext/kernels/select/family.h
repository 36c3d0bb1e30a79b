/* SPDX-License-Identifier: Apache-2.0 */
/* select: out = c ? a : b for elements of `item` bytes (1, 2, 4 or 8) and conditions of one byte, with
 * broadcasting: five dimensions with a stride in elements for each operand, 0 where it repeats; the output is
 * contiguous. */
#include "drivers/params.h"

#define XQ_FAMILY select
#define XQ_PARAMS(U, I, F) U(c) U(a) U(b) U(out) U(item) U(c0) U(c1) U(c2) U(c3) U(c4) XQ_WALK_PARAMS(U)
#include "family_begin.h"
