/* SPDX-License-Identifier: Apache-2.0 */
#include "f32lstm/family.h"
#include "drivers/lstm.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_f32lstm_params *p = params;
  const uint64_t sums = (uint64_t)p->gates * p->cells, places = (uint64_t)p->batch * p->steps;
  if (p->projected > 1 || p->major > 1 || p->tanh > 1 ||
      !xq_lstm_fits(p->batch, p->steps, p->inputs, p->cells, p->outputs, p->gates, p->projected))
    return "f32lstm: a size is zero, too large or contradicts another";
  if ((p->in | p->out | p->hidden | p->cell | p->weights) % 4 ||
      !xq_holds(plan, p->in, 4 * places * p->inputs) || !xq_writes(plan, p->out, 4 * places * p->outputs) ||
      !xq_writes(plan, p->hidden, 4 * (uint64_t)p->batch * p->outputs) ||
      !xq_writes(plan, p->cell, 4 * (uint64_t)p->batch * p->cells))
    return "f32lstm: outside of the plan";
  const uint64_t projection = p->projected ? p->outputs * (1 + (uint64_t)p->cells) : 0;
  const uint64_t weights = 4 * (sums * (2 + (uint64_t)p->inputs + p->outputs) + projection);
  if (!(p->weights & XQ_CONSTANT) || !xq_holds(plan, p->weights, weights))
    return "f32lstm: weights outside of the constants";
  need->tiles = p->batch;
  need->scratch = (sums + p->cells) * sizeof(float);
  return NULL;
}

#include "family_table.h"
