/* SPDX-License-Identifier: Apache-2.0 */
#include "f32dwconv/family.h"
#include "drivers/depthwise.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  return depthwise_check_floats(plan, params, kernel, HEAD, need);
}

#define XQ_FITS depthwise_fits
#include "family_table.h"
