/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_VARIANT body
#include "lut/driver.h"
#include "simd/table.h"

static void map(const uint8_t *table, const uint8_t *in, uint8_t *out, uint32_t n) {
  const struct xq_table all = xq_load_table(table);
  for (uint32_t i = 0; i < n; i += 64) {
    const __mmask64 rest = n - i < 64 ? ((__mmask64)1 << (n - i)) - 1 : ~(__mmask64)0;
    _mm512_mask_storeu_epi8(out + i, rest, xq_look_up(&all, _mm512_maskz_loadu_epi8(rest, in + i)));
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  lut_run(plan, params, begin, end, map);
}
