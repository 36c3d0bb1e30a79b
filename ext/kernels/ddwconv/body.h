/* SPDX-License-Identifier: Apache-2.0 */
#define PACKED XQ_NR

#include "ddwconv/family.h"
#include "drivers/depthwise.h"
#include "drivers/elementwise.h"

/* The parameters of a node with the scale of its image; a line points to the parameters. */
struct ddwconv_node {
  struct xq_ddwconv_params p;
  float scale;
};

#define FIRST(head) ((xq_vec){0})
#define FINISH(line, sum, head) ((sum) * xq_load(head) * xq_broadcast(((const struct ddwconv_node *)(line)->p)->scale) + xq_load((head) + PACKED))
#include "drivers/f32depthwise.h"

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_ddwconv_params *p = params;
  const struct ddwconv_node node = {*p, ((const struct xq_quantized_row *)xq_at(plan, p->factors))->scale};
  depthwise_run(plan, &node.p, begin, end, worker, run_of(p));
}
