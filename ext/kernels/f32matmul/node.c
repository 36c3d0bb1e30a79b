/* SPDX-License-Identifier: Apache-2.0 */
#include "f32matmul/family.h"
#include "products.h"

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  return product_check(plan, params, need);
}

#include "family_table.h"
