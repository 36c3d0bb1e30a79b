/* SPDX-License-Identifier: Apache-2.0 */
/* f32svdf: svdf with floats, without scales: state[f][memory - 1] = in . features[f]; out = clamp(bias + sum
 * of state[f] . times[f], low, high) weights: bias[units], times[filters][memory], features[inputs][filters].
 * A tile is one batch entry. */
#define XQ_FAMILY f32svdf
#define XQ_PARAMS(U, I, F) U(in) U(out) U(state) U(weights) U(batch) U(inputs) U(units) U(rank) U(memory) \
  F(low) F(high)
#include "family_begin.h"
