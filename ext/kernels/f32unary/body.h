/* SPDX-License-Identifier: Apache-2.0 */
#include "f32unary/family.h"
#include "drivers/elementwise.h"
#include "math/exponential.h"

/* The loop of one operation: y from x. */
#define CASE(op, y) \
  case op: \
    for (uint32_t i = 0; i < n; i++) { \
      const float x = in[i]; \
      out[i] = y; \
    } \
    break;

static void apply(const struct xq_f32unary_params *p, const float *in, float *restrict out, uint32_t n) {
  const float low = p->low, high = p->high, alpha = p->alpha;
  switch (p->op) {
    CASE(CLAMP, xq_clampf(x, low, high))
    CASE(LEAKY_RELU, x >= 0 ? x : x * alpha)
    CASE(HARD_SWISH, x * xq_clampf(fmaf(x, 1.0f / 6.0f, 0.5f), 0.0f, 1.0f))
    CASE(ELU, x >= 0 ? x : xq_expm1(x))
    CASE(LOGISTIC, xq_logistic(x))
    CASE(TANH, xq_tanh(x))
    CASE(EXP, xq_exp(x))
    CASE(SQRT, sqrtf(x))
    CASE(ABS, fabsf(x))
    CASE(NEG, -x)
    CASE(FLOOR, floorf(x))
    CASE(RSQRT, 1.0f / sqrtf(x))
    CASE(LOG, logf(x))
    CASE(SQUARE, x * x)
    CASE(ROUND, rintf(x))
    CASE(CEIL, ceilf(x))
    CASE(SIGN, x > 0 ? 1.0f : x < 0 ? -1.0f : x == 0 ? 0.0f : x)
    CASE(SIN, sinf(x))
    CASE(COS, cosf(x))
    CASE(GELU, 0.5f * x * erfcf(x * -0.70710678f))
    CASE(GELU_TANH, 0.5f * x * (1.0f + xq_tanh(0.79788456f * (x + 0.044715f * x * x * x))))
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32unary_params *p = params;
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t * XQ_CHUNK;
    apply(p, (const float *)xq_at(plan, p->in) + first, (float *)xq_at(plan, p->out) + first,
        xq_chunk_end(first, p->count) - first);
  }
}
