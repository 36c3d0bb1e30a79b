/* SPDX-License-Identifier: Apache-2.0 */
/* prelu: bytes, and a straight line for each of `period` neighbours: out[i] = clamp(RNE(fp32(fp32((in[i] - in_zero) m) + b)) + zero_point); where in[i] is below
 * in_zero, m = slopes[i % period] and b = biases[i % period], else m = scale and b = bias. All of them are within 2^23; slopes and biases are constants, with 64
 * more behind them that may be read. A tile is a run of whole periods. */
#define XQ_FAMILY prelu
#define XQ_PARAMS(U, I, F) U(in) U(out) U(slopes) U(biases) U(count) U(period) F(scale) F(bias) I(in_zero) I(zero_point) I(low) I(high)
#include "family_begin.h"

#define PRELU_BEYOND 64

/* Elements of a tile. */
static inline uint32_t prelu_run(const struct xq_prelu_params *p) { return p->period < 4096 ? 4096 / p->period * p->period : p->period; }
