/* SPDX-License-Identifier: Apache-2.0 */
#include "ddwconv/family.h"
#include "drivers/f32depthwise.h"

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_ddwconv_params *p = params;
  const struct ddwconv_node node = {*p, ((const struct xq_quantized_row *)xq_at(plan, p->factors))->scale};
  depthwise_run(plan, &node.p, begin, end, worker, run_of(p));
}
