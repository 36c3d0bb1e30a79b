/* SPDX-License-Identifier: Apache-2.0 */
/* Before including: XQ_THIS and LANES, floats per register. */
#include "ddwconv/family.h"
#include "depthwise.h"
#include "elementwise.h"
#include "vector.h"

/* The parameters of a node with the scale of its image; a line points to the parameters. */
struct ddwconv_node {
  struct xq_ddwconv_params p;
  float scale;
};

static inline xq_vec first(const float *head) { return (xq_vec){0}; }
static inline xq_vec finish(const struct depthwise_line *l, xq_vec sum, const float *head) {
  return sum * xq_load(head) * xq_broadcast(((const struct ddwconv_node *)l->p)->scale) + xq_load(head + LANES);
}

#include "f32depthwise.h"

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_ddwconv_params *p = params;
  const struct ddwconv_node node = {*p, ((const struct xq_quantized_row *)xq_at(plan, p->factors))->scale};
  depthwise_run(plan, &node.p, begin, end, worker, run);
}
