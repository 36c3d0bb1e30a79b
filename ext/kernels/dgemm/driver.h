/* SPDX-License-Identifier: Apache-2.0 */
/* Gives a tile the scale and zero point of each of its rows. */
#pragma once
#include "dgemm/family.h"
#include "drivers/convolution.h"

struct dgemm_node {
  struct xq_dgemm_params p; /* the first member, as `node` of a tile points to it */
  const struct xq_quantized_row *factors;
  const float *out;
};

/* Copies the factors of each row of a tile, whose pixels are neighbours. */
static inline void dgemm_factors(const struct conv_tile *t, struct xq_quantized_row to[CONV_MAX_ROWS]) {
  const struct dgemm_node *node = (const struct dgemm_node *)t->node;
  const size_t first = node->p.per_pixel ? (size_t)(t->out[0] - node->out) / node->p.out_pixel : 0;
  for (uint32_t i = 0; i < t->rows; i++) to[i] = node->factors[node->p.per_pixel ? first + i : 0];
}

static inline void dgemm_run(const struct xq_plan *plan, const struct xq_dgemm_params *p, uint32_t begin,
    uint32_t end, struct xq_worker *worker, void (*run)(const struct conv_tile *)) {
  const struct dgemm_node node = {
      *p, (const struct xq_quantized_row *)xq_at(plan, p->factors), (const float *)xq_at(plan, p->out)};
  conv_run(plan, &node.p, begin, end, worker, run);
}
