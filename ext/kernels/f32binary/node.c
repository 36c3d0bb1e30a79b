/* SPDX-License-Identifier: Apache-2.0 */
#include "f32binary/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32binary_params *p = params;
  if (p->op >= op_count) return "f32binary: unknown operation";
  return broadcast_check(plan, p, sizeof(float), sizeof(float), need);
}

#include "family_table.h"
