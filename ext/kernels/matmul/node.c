/* SPDX-License-Identifier: Apache-2.0 */
#include "matmul/family.h"
#include "drivers/matmul.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_matmul_params *p = params;
  if (p->depth > MAX_DEPTH) return "matmul: a size is zero or too large";
  if (p->za < 0 || p->za > 255 || p->zb < 0 || p->zb > 255 || p->zero_point < 0 || p->zero_point > 255 ||
      p->fixed > 1 || p->shift < -31 || p->shift > 31)
    return "matmul: parameters out of range";
  return product_check(plan, p, need);
}

#include "family_table.h"
