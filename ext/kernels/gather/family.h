/* SPDX-License-Identifier: Apache-2.0 */
/* gather: pieces of `run` bytes in any order: out[i0][i1][i2][i3] = in[t0[i0] + t1[i1] + t2[i2] + t3[i3]],
 * the tables hold offsets in bytes (uint32, among the constants); the output is contiguous. Movements that no
 * strides describe: gather, mirrored borders, negative steps, resizing. A tile is one index of the three
 * outer dimensions. */
#define XQ_FAMILY gather
#define XQ_PARAMS(U, I, F) U(in) U(out) U(run) U(d0) U(d1) U(d2) U(d3) U(t0) U(t1) U(t2) U(t3)
#include "family_begin.h"
