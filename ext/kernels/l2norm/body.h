/* SPDX-License-Identifier: Apache-2.0 */
#include "l2norm/family.h"
#include "drivers/elementwise.h"
#include "math/fixed.h"

/* 1 / sqrt(n) as multiplier * 2^(shift - 31): n is shifted by pairs of bits to 1/4 .. 1 (28 fractional bits),
 * then Newton's method from 1: x = (3 x - n x^3) / 2. */
static void inverse_root(int32_t n, int32_t *multiplier, int32_t *shift) {
  *multiplier = INT32_MAX;
  *shift = 0;
  if (n <= 1) return;
  int32_t right = 11;
  while (n >= 1 << 29) n /= 4, right++;
  const int32_t pairs = (__builtin_clz((uint32_t)n) - 1) / 2 - 1;
  right -= pairs;
  n = (n << (2 * pairs)) >> 1;
  const int64_t half = (n + 1) >> 1;
  int64_t x = 1 << 28;
  for (int i = 0; i < 5; i++) {
    const int64_t cube = xq_saturate(xq_doubled_high(xq_doubled_high(x, x), x) * 64);
    x = xq_saturate((xq_doubled_high(x, (1 << 28) + (1 << 27)) - xq_doubled_high(half, cube)) * 8);
  }
  x = xq_doubled_high(x, 1518500250); /* sqrt(2) / 2 */
  *multiplier = (int32_t)(right < 0 ? x << -right : x);
  *shift = right > 0 ? -right : 0;
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_l2norm_params *p = params;
  for (size_t t = begin; t < end; t++) {
    const uint8_t *in = xq_at(plan, p->in) + t * p->count;
    uint8_t *out = xq_at(plan, p->out) + t * p->count;
    int32_t sum = 0, multiplier, shift;
    for (uint32_t i = 0; i < p->count; i++) sum += (in[i] - p->zero_in) * (in[i] - p->zero_in);
    inverse_root(sum, &multiplier, &shift);
    for (uint32_t i = 0; i < p->count; i++) {
      const int32_t d = in[i] - p->zero_in;
      const int32_t share = p->early ? xq_fixed_product(128 * d, multiplier, shift)
                                     : xq_fixed_product(d, multiplier, shift + 7);
      out[i] = (uint8_t)xq_clamp(share + p->zero_point, 0, 255);
    }
  }
}
