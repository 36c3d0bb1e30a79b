/* SPDX-License-Identifier: Apache-2.0 */
/* move: bytes from one strided place to another (fill = 0), or one byte everywhere (fill = 1, `value`): pad, concatenation, split, slice, transpose, reshape.
 * Five dimensions with strides in bytes, the innermost step copies `run` bytes. A tile is one index of the three outer dimensions. */
#define XQ_FAMILY move
#define XQ_PARAMS(U, I, F) U(in) U(out) U(fill) U(value) U(run) U(d0) U(d1) U(d2) U(d3) U(d4) U(a0) U(a1) U(a2) U(a3) U(a4) U(b0) U(b1) U(b2) U(b3) U(b4)
#include "family_begin.h"
