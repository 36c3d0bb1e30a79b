/* SPDX-License-Identifier: Apache-2.0 */
/* f32matmul: products of float32 matrices, both activations, for d0 x d1 x d2 pairs of them with strides in
 * elements, 0 where one repeats:
 *   out[i][j] = clamp(bias[j] + sum over k, in order, of a[i a_row + k a_step] b[k b_step + j b_column], low,
 *     high), i < rows, k < depth, j < columns;
 *   the output is contiguous */
#define XQ_FAMILY f32matmul
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(d0) U(d1) U(d2) U(a0) U(a1) U(a2) U(b0) U(b1) U(b2) U(rows) \
  U(depth) U(columns) U(a_row) U(a_step) \
  U(b_step) U(b_column) U(bias) F(low) F(high)
#include "family_begin.h"

#define XQ_VALUE float
#define XQ_PACKED float
#define XQ_SUM float
