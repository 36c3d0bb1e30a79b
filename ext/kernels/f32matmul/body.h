/* SPDX-License-Identifier: Apache-2.0 */
#include "f32matmul/family.h"
#include "drivers/elementwise.h"
#include "drivers/matmul.h"

static void store(const struct xq_plan *plan, const struct xq_f32matmul_params *p, uint32_t column,
    const float *acc, uint32_t lanes, float *out) {
  const float *bias = (const float *)xq_at(plan, p->bias) + column;
  for (uint32_t j = 0; j < lanes; j++) out[j] = xq_clampf(acc[j] + bias[j], p->low, p->high);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  product_run(plan, params, begin, end, worker, 0, 0, store);
}
