/* SPDX-License-Identifier: Apache-2.0 */
/* softmax over the last dimension: out = RNE(e[x] / sum(e) * scale) + zero_point, e[x] = exponentials[max - x] in float64 (256 entries). A tile is one row. */
#define XQ_FAMILY softmax
#define XQ_PARAMS(U, I, F) U(in) U(out) U(exponentials) U(outer) U(count) F(scale) I(zero_point) I(low) I(high)
#include "family_begin.h"
