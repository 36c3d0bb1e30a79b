/* SPDX-License-Identifier: Apache-2.0 */
#include "argmax/family.h"
#include "elementwise.h"

#define RESULTS 64

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_argmax_params *p = params;
  uint32_t stop = p->outer - (end - 1) * RESULTS < RESULTS ? p->outer : end * RESULTS;
  for (uint32_t i = begin * RESULTS; i < stop; i++) {
    const uint8_t *in = xq_at(plan, p->in) + (size_t)i * p->count;
    uint32_t best = 0;
    for (uint32_t j = 1; j < p->count; j++) best = in[j] > in[best] ? j : best;
    if (p->index_bytes == 8)
      ((int64_t *)xq_at(plan, p->out))[i] = best;
    else
      ((int32_t *)xq_at(plan, p->out))[i] = (int32_t)best;
  }
}
