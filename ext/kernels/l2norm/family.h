/* SPDX-License-Identifier: Apache-2.0 */
/* l2norm: rows of `count` elements divided by their length, in fixed point; d = in - zero_in, r = 1 /
 * sqrt(sum d^2):
 *   early = 0: clamp(mbqm(d, 128 r) + zero_point); early = 1: clamp(mbqm(128 d, r) + zero_point), which
 *     rounds differently
 * A tile is one row. */
#define XQ_FAMILY l2norm
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count) I(zero_in) U(early) I(zero_point)
#define XQ_LIMITS(L) L(MAX_COUNT, 33000) /* so that the sum of squares of bytes fits int32 */
#include "family_begin.h"
