/* SPDX-License-Identifier: Apache-2.0 */
#include "dgemm/family.h"
#include "drivers/convolution.h"

static uint64_t block_bytes(const conv_params *p, const struct xq_kernel *kernel, uint64_t width) {
  return DGEMM_HEAD + width * (12 + (uint64_t)conv_taps(p) * p->tap_depth * kernel->weight_bytes);
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_dgemm_params *p = params;
  const char *error = conv_check(plan, p, kernel, need, block_bytes);
  if (error) return error;
  if (!(p->low <= p->high) || p->per_pixel > 1) return "dgemm: parameters out of range";
  if (p->out_row != (uint64_t)p->out_w * p->out_pixel || p->out_image != (uint64_t)p->out_h * p->out_row)
    return "dgemm: the output has gaps";
  const uint64_t count = p->per_pixel ? (uint64_t)p->batch * p->out_h * p->out_w : 1;
  if (p->factors % 4 || !xq_holds(plan, p->factors, count * sizeof(struct xq_quantized_row)))
    return "dgemm: factors outside of the plan";
  need->scratch += conv_wide_bytes(p, kernel);
  return NULL;
}

#include "family_table.h"
