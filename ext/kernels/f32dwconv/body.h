/* SPDX-License-Identifier: Apache-2.0 */
/* Before including: XQ_THIS and LANES, floats per register. */
#include "f32dwconv/family.h"
#include "depthwise.h"
#include "elementwise.h"
#include "vector.h"

static inline xq_vec first(const float *head) { return xq_load(head); }
static inline xq_vec finish(const struct depthwise_line *l, xq_vec sum, const float *head) { return sum; }

#include "f32depthwise.h"

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, run);
}
