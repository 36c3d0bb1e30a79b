/* SPDX-License-Identifier: Apache-2.0 */
#include "integer/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_integer_params *p = params;
  if (p->op >= op_count || (p->item != 4 && p->item != 8)) return "integer: unknown operation";
  return broadcast_check(plan, p, p->item, p->item, need);
}

#include "family_table.h"
