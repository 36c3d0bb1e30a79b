/* SPDX-License-Identifier: Apache-2.0 */
#include "argmax/family.h"
#include "drivers/elementwise.h"

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_argmax_params *p = params;
  for (uint32_t i = begin * RESULTS, stop = xq_argmax_stop(p, end); i < stop; i++)
    xq_argmax_store(p, xq_at(plan, p->out), i, xq_argmax_strided(plan, p, i));
}
