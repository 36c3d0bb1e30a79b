/* SPDX-License-Identifier: Apache-2.0 */
/* The specification of dwconv. */
#include "dwconv/driver.h"
#include "math/clamp.h"

static void run(const struct depthwise_line *l) {
  const struct xq_dwconv_params *p = l->p;
  const uint8_t **at = (const uint8_t **)l->scratch;
  const uint32_t taps = p->kernel_h * p->kernel_w;
  for (uint32_t x = 0; x < p->out_w; x++) {
    depthwise_point(l, x, at, 1);
    const uint8_t *block = l->weights;
    for (uint32_t c = 0; c < p->out_c; c++) {
      const int32_t *bias = (const int32_t *)(block + sizeof(struct dwconv_block));
      const float *scale = (const float *)(bias + 1);
      const int16_t *weights = (const int16_t *)(bias + 2);
      uint32_t acc = (uint32_t)*bias; /* wraps like the vector rows; a valid sum fits */
      for (uint32_t t = 0; t < taps; t++) acc += (uint32_t)(at[t][c / p->multiplier] * weights[t]);
      l->out[(size_t)x * p->out_pixel + c] =
          xq_requantize((int32_t)acc, *scale, p->zero_point, p->low, p->high);
      block = (const uint8_t *)(weights + taps + (taps & 1)); /* blocks stay aligned to 4 bytes */
    }
  }
}

void xq_dwconv__scalar_taps(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, run);
}
