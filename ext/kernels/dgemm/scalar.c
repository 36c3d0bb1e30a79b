/* SPDX-License-Identifier: Apache-2.0 */
/* The specification of dgemm. */
#include <math.h>

#include "dgemm/driver.h"
#include "drivers/elementwise.h"

static void run(const struct conv_tile *t) {
  const struct xq_dgemm_params *p = t->p;
  const uint8_t *block = t->weights;
  struct xq_quantized_row factors[CONV_MAX_ROWS];
  dgemm_factors(t, factors);
  for (uint32_t n = 0; n < p->out_c; n++) {
    const float *bias = (const float *)(block + DGEMM_HEAD), *scale = bias + 1;
    const uint32_t sum = ((const uint32_t *)bias)[2];
    const int16_t *weights = (const int16_t *)(bias + 3);
    for (uint32_t i = 0; i < t->rows; i++) {
      /* wraps like the vector rows; a valid sum fits */
      uint32_t acc = -((uint32_t)factors[i].zero_point * sum);
      for (uint32_t tap = 0; tap < t->tap_count; tap++)
        for (uint32_t k = 0; k < p->tap_depth; k++)
          acc += (uint32_t)((int32_t)t->taps[tap * t->rows + i][k] * weights[tap * p->tap_depth + k]);
      t->out[i][n] = xq_clampf(fmaf((float)(int32_t)acc * factors[i].scale, *scale, *bias), p->low, p->high);
    }
    block = (const uint8_t *)(weights + t->tap_count * p->tap_depth);
  }
}

void xq_dgemm__scalar_tile(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  dgemm_run(plan, params, begin, end, worker, run);
}
