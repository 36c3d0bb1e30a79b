/* SPDX-License-Identifier: Apache-2.0 */
#include "f32matmul/family.h"
#include "drivers/matmul.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32matmul_params *p = params;
  if (p->bias % 4 || !xq_holds(plan, p->bias, 4 * (uint64_t)p->columns))
    return "f32matmul: outside of the plan";
  return product_check(plan, p, need);
}

#include "family_table.h"
