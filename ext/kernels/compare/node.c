/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_compare_params *p = params;
  if (p->op >= op_count || p->type >= type_count) return "compare: unknown operation";
  return broadcast_check(plan, p, p->type == INT64 ? 8 : 4, 1, need);
}

#include "family_table.h"
