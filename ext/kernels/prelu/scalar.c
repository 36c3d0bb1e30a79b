/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#include "prelu/family.h"
#include "elementwise.h"

static void map(const struct xq_prelu_params *p, const uint8_t *in, const float *slopes, const float *biases, uint8_t *out, uint32_t n) {
  const float low = (float)(p->low - p->zero_point), high = (float)(p->high - p->zero_point);
  for (uint32_t i = 0; i < n; i++) {
    const int32_t x = in[i] - p->in_zero;
    const float y = (float)x * (x < 0 ? slopes[i] : p->scale) + (x < 0 ? biases[i] : p->bias);
    out[i] = (uint8_t)((int32_t)rintf(xq_clampf(y, low, high)) + p->zero_point);
  }
}

#include "prelu/body.h"
