/* SPDX-License-Identifier: Apache-2.0 */
#include "matmul/family.h"
#include "drivers/elementwise.h"
#include "math/fixed.h"
#include "drivers/matmul.h"

static void requantize(const struct xq_plan *plan, const struct xq_matmul_params *p, uint32_t column,
    const int32_t *acc, uint32_t lanes, uint8_t *out) {
  const float low = (float)-p->zero_point, high = (float)(255 - p->zero_point);
  if (p->fixed)
    for (uint32_t j = 0; j < lanes; j++)
      out[j] = (uint8_t)xq_clamp(
          (int32_t)xq_saturate((int64_t)xq_fixed_product(acc[j], p->quotient, p->shift) + p->zero_point), 0,
          255);
  else
    for (uint32_t j = 0; j < lanes; j++)
      out[j] = (uint8_t)((int32_t)rintf(xq_clampf((float)acc[j] * p->scale, low, high)) + p->zero_point);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_matmul_params *p = params;
  product_run(plan, p, begin, end, worker, (int16_t)p->za, (int16_t)p->zb, requantize);
}
