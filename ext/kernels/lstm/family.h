/* SPDX-License-Identifier: Apache-2.0 */
/* lstm: steps of a layer with 16-bit gates; a tile is all steps of one batch entry. For each step, with the
 * gates input (if gates = 4), forget, cell, output:
 *   sum[g] = sat16(sat16(mbqm(bias[g] + weights[g] . in, scales[g][0 .. 1])) + mbqm(recurrent_bias[g] +
 *     recurrent[g] . hidden, scales[g][2 .. 3]))
 *   share(g) = logistic[sat16(sum[g] + mbqm(peephole[g] * cell, scales[g][4 .. 5]))]; input gate with gates =
 *     3: 32767 - share(forget)
 *   cell = clamp(share(forget) * cell / 2^15 + share(input) * tanh[sum[cell gate]] / 2^cell_shift, cell_low,
 *     cell_high), rounded half away from zero
 *   h = clamp(mbqm(share(output) * cell_tanh[cell], quotient, shift) + zero_point, 0, 255); share(output)
 *     sees the new cell
 *   hidden = out = h, or projected: clamp(mbqm(projection_bias + projection . h, out_quotient, out_shift) +
 *     out_zero, low, high)
 * Biases hold what the zero points of in, hidden and h contribute. The tables have 65536 entries of int16,
 * the one of -32768 first. Layout of in and out: [batch][steps][...], with major [steps][batch][...].
 * weights: int32 scales[gates][6], bias[gates][cells], recurrent_bias[gates][cells], projection_bias[outputs]
 * if projected; int16 peephole[gates][cells]; int8 weights[gates][cells][inputs],
 * recurrent[gates][cells][outputs], projection[outputs][cells] if projected. */
#define XQ_FAMILY lstm
#define XQ_PARAMS(U, I, F) U(in) U(out) U(hidden) U(cell) U(weights) U(logistic) U(tanh) U(cell_tanh) \
  U(batch) U(steps) U(inputs) U(cells) U(outputs) U(gates) U(projected) U(major) U(cell_shift) I(cell_low) \
  I(cell_high) I(quotient) I(shift) I(zero_point) I(out_quotient) I(out_shift) I(out_zero) I(low) I(high)
#include "family_begin.h"

#define XQ_LSTM_TABLE (65536 * sizeof(int16_t))
