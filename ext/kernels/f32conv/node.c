/* SPDX-License-Identifier: Apache-2.0 */
#include "f32conv/family.h"
#include "drivers/convolution.h"

static uint64_t block_bytes(const conv_params *p, const struct xq_kernel *kernel, uint64_t width) {
  return width * kernel->weight_bytes * (1 + (uint64_t)conv_taps(p) * p->tap_depth);
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32conv_params *p = params;
  if (!(p->low <= p->high)) return "f32conv: no clamp";
  const char *error = conv_check(plan, p, kernel, need, block_bytes);
  if (error) return error;
  if ((p->out_c - 1) % (p->vectors * kernel->nr) < (p->tail - 1) * kernel->nr)
    return "f32conv: the last block is too wide";
  return NULL;
}

#include "family_table.h"
