/* SPDX-License-Identifier: Apache-2.0 */
/* matmul: products of matrices of bytes, both activations, for d0 x d1 x d2 pairs of them with strides in
 * bytes, 0 where one repeats:
 *   acc[i][j] = sum over k of (a[i a_row + k a_step] - za) (b[k b_step + j b_column] - zb), i < rows, k <
 *     depth, j < columns; the output is contiguous
 *   fixed = 0: clamp(RNE(fp32(acc) * scale) + zero_point); fixed = 1: clamp(mbqm(acc, quotient 2^(shift -
 *     31)) + zero_point) */
#define XQ_FAMILY matmul
#define XQ_PARAMS(U, I, F) U(a) U(b) U(out) U(d0) U(d1) U(d2) U(a0) U(a1) U(a2) U(b0) U(b1) U(b2) U(rows) \
  U(depth) U(columns) U(a_row) U(a_step) \
  U(b_step) U(b_column) I(za) I(zb) U(fixed) F(scale) I(quotient) I(shift) I(zero_point)
#define XQ_LIMITS(L) L(MAX_DEPTH, 33000) /* so that the sums fit int32 */
#include "family_begin.h"

#define XQ_VALUE uint8_t
#define XQ_PACKED int16_t
#define XQ_SUM int32_t
