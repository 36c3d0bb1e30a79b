/* SPDX-License-Identifier: Apache-2.0 */
#include "f32dwconv/family.h"
#include "drivers/f32depthwise.h"

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, run_of(params));
}
