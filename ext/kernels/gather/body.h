/* SPDX-License-Identifier: Apache-2.0 */
#include "gather/family.h"
#include "drivers/elementwise.h"

/* run: a constant at most calls, so that a piece of a few bytes is one load and one store. */
XQ_INLINE void pieces(
    uint8_t *out, const uint8_t *in, const uint32_t *offsets, uint32_t count, const uint32_t run) {
  for (uint32_t i = 0; i < count; i++) memmove(out + (size_t)i * run, in + offsets[i], run);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_gather_params *p = params;
  const uint32_t *t0 = (const uint32_t *)xq_at(plan, p->t0), *t1 = (const uint32_t *)xq_at(plan, p->t1),
                 *t2 = (const uint32_t *)xq_at(plan, p->t2);
  const uint32_t *t3 = (const uint32_t *)xq_at(plan, p->t3);
  for (uint32_t t = begin; t < end; t++) {
    const uint8_t *in = xq_at(plan, p->in) + t0[t / p->d2 / p->d1] + t1[t / p->d2 % p->d1] + t2[t % p->d2];
    uint8_t *out = xq_at(plan, p->out) + (size_t)t * p->d3 * p->run;
    switch (p->run) {
    case 1: pieces(out, in, t3, p->d3, 1); break;
    case 3: pieces(out, in, t3, p->d3, 3); break;
    case 4: pieces(out, in, t3, p->d3, 4); break;
    case 8: pieces(out, in, t3, p->d3, 8); break;
    case 16: pieces(out, in, t3, p->d3, 16); break;
    default: pieces(out, in, t3, p->d3, p->run);
    }
  }
}
