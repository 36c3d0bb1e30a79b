/* SPDX-License-Identifier: Apache-2.0 */
/* f32lstm: lstm with floats; a tile is all steps of one batch entry. For each step, gates in the order input
 * (with gates = 4), forget, cell, output:
 *   sum[g] = bias[g] + weights[g] . in + recurrent[g] . hidden
 *   share(g) = logistic(sum[g] + peephole[g] * cell); input gate with gates = 3: 1 - share(forget)
 *   cell = clamp(share(forget) * cell + share(input) * a(sum[cell gate]), -cell_clip, cell_clip); a = tanh
 *     with tanh = 1, else a clamp to low .. high
 *   h = share(output) * a(cell); share(output) sees the new cell
 *   hidden = out = h, or projected: clamp(projection_bias + projection . h, -proj_clip, proj_clip)
 * Layout of in and out: [batch][steps][...], with major [steps][batch][...]. weights: bias[gates][cells],
 * peephole[gates][cells], weights[inputs][gates][cells], recurrent[outputs][gates][cells], if projected
 * projection_bias[outputs], projection[cells][outputs]. */
#define XQ_FAMILY f32lstm
#define XQ_PARAMS(U, I, F) U(in) U(out) U(hidden) U(cell) U(weights) U(batch) U(steps) U(inputs) U(cells) \
  U(outputs) U(gates) U(projected) U(major) U(tanh) F(low) F(high) F(cell_clip) F(proj_clip)
#include "family_begin.h"
