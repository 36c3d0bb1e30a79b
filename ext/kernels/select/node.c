/* SPDX-License-Identifier: Apache-2.0 */
#include "select/family.h"
#include "drivers/elementwise.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_select_params *p = params;
  const uint32_t dims[5] = {p->d0, p->d1, p->d2, p->d3, p->d4}, cs[5] = {p->c0, p->c1, p->c2, p->c3, p->c4},
                 as[5] = {p->a0, p->a1, p->a2, p->a3, p->a4};
  const uint32_t bs[5] = {p->b0, p->b1, p->b2, p->b3, p->b4};
  uint64_t elements = 1;
  if (p->item != 1 && p->item != 2 && p->item != 4 && p->item != 8)
    return "select: unknown size of an element";
  for (int i = 0; i < 5; i++)
    if (!dims[i] || (elements *= dims[i]) > XQ_MAX_ELEMENTS) return "select: a size is zero or too large";
  if (p->c4 > 1 || p->a4 > 1 || p->b4 > 1) return "select: the last dimension must be contiguous or repeated";
  if (!xq_holds_strided(plan, p->c, dims, cs, 1) || !xq_holds_strided(plan, p->a, dims, as, p->item) ||
      !xq_holds_strided(plan, p->b, dims, bs, p->item) || p->out % p->item ||
      !xq_writes(plan, p->out, elements * p->item))
    return "select: outside of the plan";
  need->tiles = (uint32_t)(elements / p->d4 * ((p->d4 + XQ_CHUNK - 1) / XQ_CHUNK));
  return NULL;
}

#include "family_table.h"
