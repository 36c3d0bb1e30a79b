/* SPDX-License-Identifier: Apache-2.0 */
/* svdf: the state holds `memory` int16 feature sums of each of units * rank filters, per batch entry; a tile
 * is one unit of one entry:
 *   for the filters f of the unit: move state[f] by one to the front; state[f][memory - 1] =
 *     sat16(mbqm(offset[f] + in . features[f], quotient, shift))
 *   out = clamp(mbqm(bias + sum of state[f] . times[f], out_quotient, out_shift) + zero_point)
 * weights: int32 bias[units], int32 offset[filters], int16 times[filters][memory], int8
 * features[filters][inputs]. */
#define XQ_FAMILY svdf
#define XQ_PARAMS(U, I, F) U(in) U(out) U(state) U(weights) U(batch) U(inputs) U(units) U(rank) U(memory) \
  I(quotient) I(shift) I(out_quotient) I(out_shift) I(zero_point)
#include "family_begin.h"
