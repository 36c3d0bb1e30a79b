/* SPDX-License-Identifier: Apache-2.0 */
#include "move/family.h"
#include "elementwise.h"

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_move_params *p = params;
  for (uint32_t t = begin; t < end; t++) {
    uint32_t i2 = t % p->d2, i1 = t / p->d2 % p->d1, i0 = t / p->d2 / p->d1;
    const uint8_t *in = xq_at(plan, p->in) + (size_t)i0 * p->a0 + (size_t)i1 * p->a1 + (size_t)i2 * p->a2;
    uint8_t *out = xq_at(plan, p->out) + (size_t)i0 * p->b0 + (size_t)i1 * p->b1 + (size_t)i2 * p->b2;
    for (uint32_t i3 = 0; i3 < p->d3; i3++)
      for (uint32_t i4 = 0; i4 < p->d4; i4++) {
        uint8_t *to = out + (size_t)i3 * p->b3 + (size_t)i4 * p->b4;
        if (p->fill)
          memset(to, (int)p->value, p->run);
        else
          memmove(to, in + (size_t)i3 * p->a3 + (size_t)i4 * p->a4, p->run);
      }
  }
}
