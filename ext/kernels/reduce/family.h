/* SPDX-License-Identifier: Apache-2.0 */
/* reduce: mean of `count` elements that lie `inner` bytes apart, for each of outer x inner results. A tile is up to 64 neighbouring results.
 *   float (fixed = 0):       clamp(RNE(fp32(sum) * scale + bias))            sum of q - offset; bias holds the zero points
 *   fixed point (fixed = 1): clamp(mbqm(sum, multiplier, shift) + zero_point)  sum of q - in_zero_point; the multiplier holds 1 / count */
#define XQ_FAMILY reduce
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count) U(inner) U(fixed) F(scale) F(bias) I(offset) I(multiplier) I(shift) I(zero_point) I(low) I(high)
#include "family_begin.h"
