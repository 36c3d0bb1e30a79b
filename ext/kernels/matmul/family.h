/* SPDX-License-Identifier: Apache-2.0 */
/* matmul: products of d0 x d1 x d2 pairs of byte matrices, both activations, with strides in bytes that are 0
 * where a matrix repeats; the output is contiguous. For i < rows, k < depth, j < columns:
 *   acc[i][j] = sum over k of (a[i a_row + k a_step] - za) (b[k b_step + j b_column] - zb)
 *   fixed = 0: clamp(RNE(fp32(acc) * scale) + zero_point)
 *   fixed = 1: clamp(mbqm(acc, quotient 2^(shift - 31)) + zero_point) */
#include "drivers/params.h"

#define XQ_FAMILY matmul
#define XQ_PARAMS(U, I, F) \
  XQ_MATMUL_PARAMS(U) I(za) I(zb) U(fixed) F(scale) I(quotient) I(shift) I(zero_point)
#define XQ_LIMITS(L) L(MAX_DEPTH, 33000) /* so that the sums fit int32 */
#include "family_begin.h"

#define XQ_VALUE uint8_t
#define XQ_PACKED int16_t
#define XQ_SUM int32_t
