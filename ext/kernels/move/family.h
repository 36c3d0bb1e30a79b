/* SPDX-License-Identifier: Apache-2.0 */
/* move: bytes from one strided place to another (fill = 0), or one byte everywhere (fill = 1, `value`): pad,
 * concatenation, split, slice, transpose, reshape. Five dimensions with strides in bytes, the innermost step
 * copies `run` bytes. A tile is one index of the three outer dimensions. */
#include "drivers/params.h"

#define XQ_FAMILY move
#define XQ_PARAMS(U, I, F) U(in) U(out) U(fill) U(value) U(run) XQ_WALK_PARAMS(U)
#include "family_begin.h"
