/* SPDX-License-Identifier: Apache-2.0 */
/* f32softmax over the last dimension: e[i] = exp(beta (x[i] - max x)), out[i] = fp32(e[i] / fp32(sum of e in float64, in order)). The exponential is that of
 * exponential.h. A tile is one row. */
#define XQ_FAMILY f32softmax
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count) F(beta)
#include "family_begin.h"
