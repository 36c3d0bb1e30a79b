/* SPDX-License-Identifier: Apache-2.0 */
#include "igemm/family.h"
#include "drivers/convolution.h"

static uint64_t block_bytes(const conv_params *p, const struct xq_kernel *kernel, uint64_t width) {
  return igemm_block_bytes(p, (uint64_t)conv_taps(p) * p->tap_depth, width, kernel->kr, kernel->weight_bytes);
}

/* Do the residual steps of all blocks, which kernels trust, read inputs that there are? */
static int steps_fit(
    const struct xq_plan *plan, const struct xq_igemm_params *p, const struct xq_kernel *kernel) {
  const uint64_t width = (uint64_t)p->vectors * kernel->nr, size = block_bytes(p, kernel, width);
  const uint8_t *block = xq_at(plan, p->weights);
  for (uint64_t n = 0; n < p->out_c; n += width, block += size) {
    const uint32_t count = ((const struct igemm_block *)block)->count,
                   lanes = (uint32_t)(p->out_c - n > width ? width : (uint64_t)p->tail * kernel->nr);
    const struct igemm_step *steps =
        (const struct igemm_step *)(block + sizeof(struct igemm_block) + 8 * lanes);
    if (count > p->residual) return 0;
    for (uint32_t i = 0; i < count; i++)
      if (steps[i].tap >= conv_taps(p) || steps[i].k > p->tap_depth - kernel->kr) return 0;
  }
  return 1;
}

/* Is the kernel made for so few weights? A strip takes a single block, as several blocks are read faster one
 * tile at a time. */
static int fits(const struct xq_kernel *kernel, const void *params) {
  const struct xq_igemm_params *p = params;
  if (kernel->strip) return p->out_c <= 2 * kernel->nr;
  const uint32_t depth = (p->row_taps ? p->kernel_w : 1) * p->in_c;
  return !kernel->stationary ||
         igemm_stationary(conv_taps(p), (depth + kernel->kr - 1) / kernel->kr * kernel->kr,
             p->out_c <= kernel->nr ? 1 : 2);
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_igemm_params *p = params;
  const char *error = conv_check(plan, p, kernel, need, block_bytes);
  if (error) return error;
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255)
    return "igemm: clamp outside of 8 bits";
  if (kernel->stationary && !igemm_stationary(conv_taps(p), p->tap_depth, p->vectors))
    return "igemm: too many weights for this kernel";
  if (!(p->weights & XQ_CONSTANT)) return "igemm: weights that are not constant";
  if (!steps_fit(plan, p, kernel)) return "igemm: a residual step reads no input";
  need->scratch += conv_wide_bytes(p, kernel);
  return NULL;
}

#define XQ_FITS fits
#include "family_table.h"
