/* SPDX-License-Identifier: Apache-2.0 */
#include "lstm/family.h"
#include "drivers/lstm.h"

static int is_table(const struct xq_plan *plan, xq_ref ref) {
  return ref % 2 == 0 && xq_holds(plan, ref, XQ_LSTM_TABLE);
}

static int is_shift(int32_t shift) { return shift >= -31 && shift <= 31; }

/* The shifts among the scales, which must be constant so that they stay as they are here. */
static int has_shifts(const struct xq_plan *plan, const struct xq_lstm_params *p) {
  const int32_t *scales = (const int32_t *)xq_at(plan, p->weights);
  for (uint32_t i = 1; i < 6 * p->gates; i += 2)
    if (!is_shift(scales[i])) return 0;
  return 1;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_lstm_params *p = params;
  const uint64_t sums = (uint64_t)p->gates * p->cells, places = (uint64_t)p->batch * p->steps;
  if (p->projected > 1 || p->major > 1 ||
      !xq_lstm_fits(p->batch, p->steps, p->inputs, p->cells, p->outputs, p->gates, p->projected))
    return "lstm: a size is zero, too large or contradicts another";
  if (!xq_holds(plan, p->in, places * p->inputs) || !xq_writes(plan, p->out, places * p->outputs) ||
      !xq_writes(plan, p->hidden, (uint64_t)p->batch * p->outputs) || p->cell % 2 ||
      !xq_writes(plan, p->cell, 2 * (uint64_t)p->batch * p->cells))
    return "lstm: outside of the plan";
  const uint64_t projection = p->projected ? p->outputs * (4 + (uint64_t)p->cells) : 0;
  const uint64_t bytes =
      24 * (uint64_t)p->gates + sums * (4 + 4 + 2 + (uint64_t)p->inputs + p->outputs) + projection;
  if (!(p->weights & XQ_CONSTANT) || p->weights % 4 || !xq_holds(plan, p->weights, bytes))
    return "lstm: weights outside of the constants";
  if (!is_table(plan, p->logistic) || !is_table(plan, p->tanh) || !is_table(plan, p->cell_tanh))
    return "lstm: table outside of the plan";
  if (p->cell_shift < 15 || p->cell_shift > 21 || p->cell_low < INT16_MIN || p->cell_high > INT16_MAX ||
      p->cell_low > p->cell_high || p->zero_point < 0 || p->zero_point > 256 || p->out_zero < 0 ||
      p->out_zero > 255 || p->low < 0 || p->high > 255 || p->low > p->high || !is_shift(p->shift) ||
      !is_shift(p->out_shift) || !has_shifts(plan, p))
    return "lstm: parameters out of range";
  need->tiles = p->batch;
  need->scratch = sums * sizeof(int16_t) + p->cells;
  return NULL;
}

#include "family_table.h"
