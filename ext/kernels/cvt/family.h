/* SPDX-License-Identifier: Apache-2.0 */
/* cvt: between float32 and 8 bits.
 *   to 8 bits (to_float = 0): clamp(RNE(x * scale) + zero_point), scale = 1 / the output's scale; NaN: high
 *   to float (to_float = 1):  (q - zero_point) * scale */
#define XQ_FAMILY cvt
#define XQ_PARAMS(U, I, F) U(in) U(out) U(to_float) U(count) F(scale) I(zero_point) I(low) I(high)
#include "family_begin.h"
