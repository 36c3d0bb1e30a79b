/* SPDX-License-Identifier: Apache-2.0 */
#include "cvt/family.h"
#include "drivers/elementwise.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_cvt_params *p = params;
  uint64_t bytes = 4 * (uint64_t)p->count, in = p->to_float ? p->count : bytes,
           out = p->to_float ? bytes : p->count;
  if (!p->count || p->count > XQ_MAX_ELEMENTS) return "cvt: a size is zero or too large";
  if ((p->to_float ? p->out : p->in) % 4 || !xq_holds(plan, p->in, in) || !xq_writes(plan, p->out, out))
    return "cvt: outside of the plan";
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255)
    return "cvt: parameters out of range";
  need->tiles = (p->count + XQ_CHUNK - 1) / XQ_CHUNK;
  return NULL;
}

#include "family_table.h"
