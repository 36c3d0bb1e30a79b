/* SPDX-License-Identifier: Apache-2.0 */
#include "prelu/family.h"

/* The minimum of the line above in_zero. */
static int32_t min_above(const struct xq_prelu_params *p) {
  int32_t min = 255;
  for (uint32_t distance = 0; distance <= 255 - p->in_zero; distance++) {
    const int32_t point = prelu_point(distance, p->high, p->low, p->bias, p->upper, p->shift);
    min = point < min ? point : min;
  }
  return min;
}

static int lines_fit(const struct xq_plan *plan, const struct xq_prelu_params *p) {
  if (!(p->lines & XQ_CONSTANT) || p->lines % 2 || !xq_holds(plan, p->lines, 7 * (uint64_t)prelu_row(p)))
    return 0;
  const int16_t *highs = (const int16_t *)xq_at(plan, p->lines), *lows = highs + prelu_row(p),
                *biases = lows + prelu_row(p);
  const uint8_t *uppers = (const uint8_t *)(biases + prelu_row(p));
  const int32_t limit = min_above(p);
  for (uint32_t i = 0; i < p->period; i++)
    if (uppers[i] > 127 || prelu_point(0, highs[i], lows[i], biases[i], uppers[i], p->shift) > limit)
      return 0;
  return 1;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_prelu_params *p = params;
  if (!p->count || !p->period || p->count > XQ_MAX_ELEMENTS || p->period > XQ_MAX_ELEMENTS)
    return "prelu: a size is zero or too large";
  if (!xq_holds(plan, p->in, p->count) || !xq_writes(plan, p->out, p->count))
    return "prelu: outside of the plan";
  if (p->in_zero > 255 || p->shift > 7 || p->upper > 127 || p->high != (int16_t)p->high ||
      p->low != (int16_t)p->low || p->bias != (int16_t)p->bias)
    return "prelu: parameters out of range";
  if (!lines_fit(plan, p)) return "prelu: lines are outside of the plan or out of range";
  need->tiles = (p->count + prelu_run(p) - 1) / prelu_run(p);
  return NULL;
}

#include "family_table.h"
