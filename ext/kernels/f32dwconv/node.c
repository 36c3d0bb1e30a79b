/* SPDX-License-Identifier: Apache-2.0 */
#include "f32dwconv/family.h"
#include "drivers/depthwise.h"

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  return depthwise_check_floats(plan, params, row, HEAD, need);
}

#include "family_table.h"
