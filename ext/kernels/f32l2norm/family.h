/* SPDX-License-Identifier: Apache-2.0 */
/* f32l2norm: rows of `count` float32 divided by their length: out[i] = x[i] / max(fp32(sqrt(sum of x[i]^2 in
 * float64, in order)), 1e-6). A tile is one row. */
#define XQ_FAMILY f32l2norm
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count)
#include "family_begin.h"
