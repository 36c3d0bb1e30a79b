/* SPDX-License-Identifier: Apache-2.0 */
/* reduce: mean of `count` elements that lie `inner` bytes apart, for each of outer x inner results; a tile is up to 64 neighbouring results.
 *   out = clamp(RNE(fp32(sum) * scale + bias)) + out_offset
 * in TFLite's own values: in_offset and out_offset, 128 for int8 and 0 for uint8, lie between them and the engine's bytes. bias holds the zero points. */
#define XQ_FAMILY reduce
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count) U(inner) F(scale) F(bias) I(in_offset) I(out_offset) I(low) I(high)
#include "family_begin.h"
