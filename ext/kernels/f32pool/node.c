/* SPDX-License-Identifier: Apache-2.0 */
#include "f32pool/family.h"
#include "drivers/elementwise.h"
#include "drivers/pooling.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32pool_params *p = params;
  if (p->op >= op_count) return "f32pool: unknown operation";
  return pooling_check(plan, p, need);
}

#include "family_table.h"
