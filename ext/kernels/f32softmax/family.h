/* SPDX-License-Identifier: Apache-2.0 */
/* f32softmax over the last dimension: e[i] = exp(beta (x[i] - max x)), out[i] = fp32(e[i] / s) with s =
 * fp32(sum of e in float64, in order); with log = 1 out[i] = beta (x[i] - max x) - fp32(log s), s in float64.
 * The exponential is that of math/exponential.h. A tile is one row. */
#define XQ_FAMILY f32softmax
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count) U(log) F(beta)
#include "family_begin.h"
