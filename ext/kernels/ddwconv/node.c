/* SPDX-License-Identifier: Apache-2.0 */
#include "ddwconv/family.h"
#include "drivers/depthwise.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_ddwconv_params *p = params;
  const char *error = depthwise_check_floats(plan, p, kernel, HEAD, need);
  if (error) return error;
  if (p->factors % 4 || !xq_holds(plan, p->factors, sizeof(struct xq_quantized_row)))
    return "ddwconv: factors outside of the plan";
  return NULL;
}

#define XQ_FITS depthwise_fits
#include "family_table.h"
