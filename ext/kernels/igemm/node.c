/* SPDX-License-Identifier: Apache-2.0 */
#include "igemm/family.h"
#include "convolution.h"

static uint64_t block_bytes(const conv_params *p, const struct xq_row *row, uint64_t width) {
  return sizeof(struct igemm_block) + width * (12 + (uint64_t)conv_taps(p) * p->tap_depth * row->weight_bytes);
}

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_igemm_params *p = params;
  const char *error = conv_check(plan, p, row, need, block_bytes);
  if (error) return error;
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255) return "igemm: clamp outside of 8 bits";
  if (row->variant[0] == 's' && !igemm_stationary(conv_taps(p), p->tap_depth, p->vectors)) return "igemm: too many weights for this kernel";
  need->scratch += conv_wide_bytes(p, row);
  return NULL;
}

#include "family_table.h"
