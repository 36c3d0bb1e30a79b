/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_VARIANT body
#include "lut/driver.h"

static void map(const uint8_t *table, const uint8_t *in, uint8_t *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) out[i] = table[in[i]];
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  lut_run(plan, params, begin, end, map);
}
