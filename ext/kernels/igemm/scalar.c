/* SPDX-License-Identifier: Apache-2.0 */
/* The specification of igemm. */
#include "igemm/family.h"
#include "drivers/convolution.h"
#include "math/clamp.h"

static void run(const struct conv_tile *t) {
  const struct xq_igemm_params *p = t->p;
  const uint8_t *block = t->weights;
  for (uint32_t n = 0; n < p->out_c; n++) {
    const int32_t *bias = (const int32_t *)(block + sizeof(struct igemm_block));
    const float *scale = (const float *)(bias + 1);
    const int16_t *weights = (const int16_t *)((const uint8_t *)(bias + 2) + igemm_steps_bytes(p));
    for (uint32_t i = 0; i < t->rows; i++) {
      uint32_t acc = (uint32_t)*bias; /* wraps like the vector rows; a valid sum fits */
      for (uint32_t tap = 0; tap < t->tap_count; tap++)
        for (uint32_t k = 0; k < p->tap_depth; k++)
          acc += (uint32_t)((int32_t)t->taps[tap * t->rows + i][k] * weights[tap * p->tap_depth + k]);
      t->out[i][n] = xq_requantize((int32_t)acc, *scale, p->zero_point, p->low, p->high);
    }
    block += igemm_block_bytes(p, (uint64_t)t->tap_count * p->tap_depth, 1, 2, 2);
  }
}

void xq_igemm__scalar_tile(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run);
}
