/* SPDX-License-Identifier: Apache-2.0 */
#include "move/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_move_params *p = params;
  const uint32_t dims[5] = {p->d0, p->d1, p->d2, p->d3, p->d4}, from[5] = {p->a0, p->a1, p->a2, p->a3, p->a4},
                 to[5] = {p->b0, p->b1, p->b2, p->b3, p->b4};
  uint64_t elements = p->run, in = p->run, out = p->run;
  for (int i = 0; i < 5; i++) {
    if (!dims[i] || !p->run || (elements *= dims[i]) > XQ_MAX_ELEMENTS)
      return "move: a size is zero or too large";
    in += (uint64_t)(dims[i] - 1) * from[i];
    out += (uint64_t)(dims[i] - 1) * to[i];
  }
  if (elements > out) return "move: a byte is written twice";
  if ((!p->fill && !xq_holds(plan, p->in, in)) || !xq_writes(plan, p->out, out))
    return "move: outside of the plan";
  need->tiles = p->d0 * p->d1 * p->d2;
  return NULL;
}

#include "family_table.h"
