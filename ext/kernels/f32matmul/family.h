/* SPDX-License-Identifier: Apache-2.0 */
/* f32matmul: products of d0 x d1 x d2 pairs of float32 matrices, both activations, with strides in elements
 * that are 0 where a matrix repeats; the output is contiguous. For i < rows, k < depth in order, j < columns:
 *   out[i][j] = clamp(bias[j] + sum over k of a[i a_row + k a_step] b[k b_step + j b_column], low, high) */
#include "drivers/params.h"

#define XQ_FAMILY f32matmul
#define XQ_PARAMS(U, I, F) XQ_MATMUL_PARAMS(U) U(bias) F(low) F(high)
#include "family_begin.h"

#define XQ_VALUE float
#define XQ_PACKED float
#define XQ_SUM float
