/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "prelu/family.h"

static int in_range(float number) { return fabsf(number) < 1 << 23; } /* times 255 and one more fit int32; false for a NaN */

static int table_fits(const struct xq_plan *plan, xq_ref ref, uint32_t period) {
  if (!(ref & XQ_CONSTANT) || ref % 4 || !xq_holds(plan, ref, 4 * ((uint64_t)period + PRELU_BEYOND))) return 0;
  const float *table = (const float *)xq_at(plan, ref);
  for (uint32_t i = 0; i < period + PRELU_BEYOND; i++)
    if (!in_range(table[i])) return 0;
  return 1;
}

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_prelu_params *p = params;
  if (!p->count || !p->period || p->count > XQ_MAX_ELEMENTS || p->period > XQ_MAX_ELEMENTS) return "prelu: a size is zero or too large";
  if (!xq_holds(plan, p->in, p->count) || !xq_writes(plan, p->out, p->count)) return "prelu: outside of the plan";
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255 || p->in_zero < 0 || p->in_zero > 255 ||
      !in_range(p->scale) || !in_range(p->bias))
    return "prelu: parameters out of range";
  if (!table_fits(plan, p->slopes, p->period) || !table_fits(plan, p->biases, p->period)) return "prelu: a table is outside of the plan or out of range";
  need->tiles = (p->count + prelu_run(p) - 1) / prelu_run(p);
  return NULL;
}

#include "family_table.h"
