/* SPDX-License-Identifier: Apache-2.0 */
/* select: out = c ? a : b for elements of `item` bytes (1, 2, 4 or 8) and conditions of one byte, with broadcasting: five dimensions with a stride in elements
 * for each operand, 0 where it repeats; the output is contiguous. */
#define XQ_FAMILY select
#define XQ_PARAMS(U, I, F) U(c) U(a) U(b) U(out) U(item) U(d0) U(d1) U(d2) U(d3) U(d4) U(c0) U(c1) U(c2) U(c3) U(c4) U(a0) U(a1) U(a2) U(a3) U(a4) \
  U(b0) U(b1) U(b2) U(b3) U(b4)
#include "family_begin.h"
