/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/family.h"
#include "drivers/elementwise.h"
#include "drivers/pooling.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_pool_params *p = params;
  if (p->low < 0 || p->high > 255 || p->low > p->high || (p->offset != 0 && p->offset != 128))
    return "pool: parameters out of range";
  const char *error = pooling_check(plan, p, need);
  if (!error && !p->average) need->scratch = pool_row(p);
  return error;
}

#include "family_table.h"
