/* SPDX-License-Identifier: Apache-2.0 */
/* f32unary: a function of each float32. The exponentials are those of math/exponential.h. */
#define XQ_FAMILY f32unary
#define XQ_PARAMS(U, I, F) U(in) U(out) U(op) U(count) F(low) F(high) F(alpha)
#include "family_begin.h"

/* The operations, by number: */
enum f32unary_op {
  F32UNARY_CLAMP,      /* to low .. high */
  F32UNARY_LEAKY_RELU, /* x >= 0 ? x : alpha x */
  F32UNARY_HARD_SWISH, /* x clamp(fma(x, 1/6, 1/2), 0, 1) */
  F32UNARY_ELU,        /* x >= 0 ? x : exp(x) - 1 */
  F32UNARY_LOGISTIC,   /* 1 / (1 + exp(-x)) */
  F32UNARY_TANH,
  F32UNARY_EXP,
  F32UNARY_SQRT,
  F32UNARY_ABS,
  F32UNARY_NEG,
  F32UNARY_FLOOR,
  F32UNARY_RSQRT,     /* 1 / sqrt(x) */
  F32UNARY_LOG,       /* of the C library, as sin, cos and erfc */
  F32UNARY_SQUARE,
  F32UNARY_ROUND, /* ties to even */
  F32UNARY_CEIL,
  F32UNARY_SIGN, /* -1, 0 or 1 */
  F32UNARY_SIN,
  F32UNARY_COS,
  F32UNARY_GELU,      /* x / 2 * erfc(-x / sqrt 2) */
  F32UNARY_GELU_TANH, /* x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) */
  F32UNARY_COUNT
};
