/* SPDX-License-Identifier: Apache-2.0 */
#include "select/family.h"
#include "drivers/elementwise.h"

/* A row of n elements; cs, as, bs: 0 or 1, whether an operand has an element for each or one for all. */
#define ROW(type) \
  static void row_##type(type *restrict out, const uint8_t *c, const type *a, const type *b, uint32_t cs, \
      uint32_t as, uint32_t bs, uint32_t n) { \
    if (cs && as && bs) \
      for (uint32_t i = 0; i < n; i++) out[i] = c[i] ? a[i] : b[i]; \
    else \
      for (uint32_t i = 0; i < n; i++) out[i] = c[i * cs] ? a[i * as] : b[i * bs]; \
  }
ROW(uint8_t)
ROW(uint16_t)
ROW(uint32_t)
ROW(uint64_t)

#define LINE(type) \
  row_##type((type *)xq_at(plan, p->out) + line * p->d4 + start, xq_at(plan, p->c) + c, \
      (const type *)xq_at(plan, p->a) + a, (const type *)xq_at(plan, p->b) + b, \
             p->c4, p->a4, p->b4, n)

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_select_params *p = params;
  const uint32_t chunks = (p->d4 + XQ_CHUNK - 1) / XQ_CHUNK;
  for (uint32_t t = begin; t < end; t++) {
    const size_t line = t / chunks, start = t % chunks * XQ_CHUNK;
    const uint32_t n = xq_chunk_end((uint32_t)start, p->d4) - (uint32_t)start;
    const size_t i3 = line % p->d3, i2 = line / p->d3 % p->d2, i1 = line / p->d3 / p->d2 % p->d1,
                 i0 = line / p->d3 / p->d2 / p->d1;
    const size_t c = i0 * p->c0 + i1 * p->c1 + i2 * p->c2 + i3 * p->c3 + start * p->c4,
                 a = i0 * p->a0 + i1 * p->a1 + i2 * p->a2 + i3 * p->a3 + start * p->a4;
    const size_t b = i0 * p->b0 + i1 * p->b1 + i2 * p->b2 + i3 * p->b3 + start * p->b4;
    switch (p->item) {
    case 1: LINE(uint8_t); break;
    case 2: LINE(uint16_t); break;
    case 4: LINE(uint32_t); break;
    default: LINE(uint64_t);
    }
  }
}
