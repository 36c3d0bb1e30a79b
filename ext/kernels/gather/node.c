/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/family.h"

/* The maximum of `count` offsets, or UINT64_MAX where they are no constants. */
static uint64_t max_offset(const struct xq_plan *plan, xq_ref table, uint32_t count) {
  if (!(table & XQ_CONSTANT) || table % 4 || !xq_holds(plan, table, 4 * (uint64_t)count)) return UINT64_MAX;
  const uint32_t *offsets = (const uint32_t *)xq_at(plan, table);
  uint32_t max = 0;
  for (uint32_t i = 0; i < count; i++) max = offsets[i] > max ? offsets[i] : max;
  return max;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_gather_params *p = params;
  const uint32_t dims[4] = {p->d0, p->d1, p->d2, p->d3}, tables[4] = {p->t0, p->t1, p->t2, p->t3};
  uint64_t bytes = p->run, reach = p->run;
  for (int i = 0; i < 4; i++) {
    if (!dims[i] || !p->run || (bytes *= dims[i]) > XQ_MAX_ELEMENTS)
      return "gather: a size is zero or too large";
    uint64_t max = max_offset(plan, tables[i], dims[i]);
    if (max == UINT64_MAX) return "gather: a table is outside of the constants";
    reach += max;
  }
  if (!xq_holds(plan, p->in, reach) || !xq_writes(plan, p->out, bytes)) return "gather: outside of the plan";
  need->tiles = p->d0 * p->d1 * p->d2;
  return NULL;
}

#include "family_table.h"
