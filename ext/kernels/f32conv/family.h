/* SPDX-License-Identifier: Apache-2.0 */
/* f32conv: dense convolution of float32 by the indirect algorithm; tiles and taps are igemm's.
 *
 *   acc[m][n] = bias[n], then for each k in order: acc[m][n] = fma(a[m][k], w[k][n], acc[m][n])
 *   out[m][n] = clamp(acc[m][n], low, high)
 *
 * All kernels add in this order and give the same bits. Weights are one stream of blocks of `vectors` vectors
 * of nr channels, the last one of `tail` vectors:
 *   float bias[] | for tap, for k: float weights[channel] */
#include "drivers/params.h"

#define XQ_FAMILY f32conv
#define XQ_PARAMS(U, I, F) XQ_DENSE_PARAMS(U, I) F(low) F(high)
#include "family_begin.h"

#define XQ_VALUE float
