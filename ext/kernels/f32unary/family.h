/* SPDX-License-Identifier: Apache-2.0 */
/* f32unary: a function of each float32. The exponentials are those of math/exponential.h. */
#define XQ_FAMILY f32unary
#define XQ_PARAMS(U, I, F) U(in) U(out) U(op) U(count) F(low) F(high) F(alpha)
#define XQ_ENUMS(E) \
  E(op, CLAMP /* to low .. high */, \
    LEAKY_RELU /* x >= 0 ? x : alpha x */, \
    HARD_SWISH /* x clamp(fma(x, 1/6, 1/2), 0, 1) */, \
    ELU /* x >= 0 ? x : exp(x) - 1 */, \
    LOGISTIC /* 1 / (1 + exp(-x)) */, TANH, EXP, SQRT, ABS, NEG, FLOOR, \
    RSQRT /* 1 / sqrt(x) */, \
    LOG /* of the C library, as sin, cos and erfc */, SQUARE, \
    ROUND /* ties to even */, CEIL, \
    SIGN /* -1, 0 or 1 */, SIN, COS, \
    GELU /* x / 2 * erfc(-x / sqrt 2) */, \
    GELU_TANH /* x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */)
#include "family_begin.h"
