/* SPDX-License-Identifier: Apache-2.0 */
#include "take/family.h"

/* The product of the sizes; 0 where one is 0, it is too large, or they are no constants. */
static uint64_t volume(const struct xq_plan *plan, const struct xq_take_params *p) {
  if (!(p->sizes & XQ_CONSTANT) || p->sizes % 4 || !xq_holds(plan, p->sizes, 4 * (uint64_t)p->parts))
    return 0;
  const uint32_t *sizes = (const uint32_t *)xq_at(plan, p->sizes);
  uint64_t product = 1;
  for (uint32_t i = 0; i < p->parts; i++)
    if ((product *= sizes[i]) > XQ_MAX_ELEMENTS) return 0;
  return product;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_take_params *p = params;
  const uint64_t groups = (uint64_t)p->batch * p->outer, pieces = xq_volume(p->batch, p->outer, p->count),
                 places = volume(plan, p);
  if (!pieces || !places || !p->run || groups > XQ_MAX_ELEMENTS || pieces > XQ_MAX_ELEMENTS ||
      groups * places > XQ_MAX_ELEMENTS)
    return "take: a size is zero or too large";
  const uint64_t indices = (uint64_t)p->batch * p->count * p->parts;
  if ((p->index_bytes != 4 && p->index_bytes != 8) || p->indices % p->index_bytes ||
      indices > XQ_MAX_ELEMENTS)
    return "take: unknown type of index";
  if (!xq_holds(plan, p->in, groups * places * p->run) ||
      !xq_holds(plan, p->indices, indices * p->index_bytes) || !xq_writes(plan, p->out, pieces * p->run))
    return "take: outside of the plan";
  const uint64_t tiles = groups * ((p->count + (XQ_TAKE_TILE - 1)) / XQ_TAKE_TILE);
  need->tiles = (uint32_t)tiles;
  return NULL;
}

#include "family_table.h"
