/* SPDX-License-Identifier: Apache-2.0 */
#include "binary/family.h"
#include "elementwise.h"

/* as, bs: 0 or 1, constants at each call so that every case is a loop of its own. */
static inline __attribute__((always_inline)) void add(const struct xq_binary_params *p, const uint8_t *a, const int as, const uint8_t *b, const int bs,
                                                      uint8_t *restrict out, uint32_t n) {
  const int32_t ma = p->ma, mb = p->mb, offset = p->offset, zero = p->zero_point, low = p->low, high = p->high;
  const uint32_t shift = p->shift;
  for (uint32_t i = 0; i < n; i++) out[i] = (uint8_t)xq_clamp(((ma * a[i * as] + mb * b[i * bs] + offset) >> shift) + zero, low, high);
}

static inline __attribute__((always_inline)) void mul(const struct xq_binary_params *p, const uint8_t *a, const int as, const uint8_t *b, const int bs,
                                                      uint8_t *restrict out, uint32_t n) {
  const int32_t za = p->za, zb = p->zb, zero = p->zero_point;
  const float scale = p->scale, low = (float)(p->low - zero), high = (float)(p->high - zero);
  for (uint32_t i = 0; i < n; i++) out[i] = (uint8_t)((int32_t)rintf(xq_clampf((float)((a[i * as] - za) * (b[i * bs] - zb)) * scale, low, high)) + zero);
}

static inline __attribute__((always_inline)) void look_up(const uint8_t *table, const uint8_t *a, const int as, const uint8_t *b, const int bs,
                                                          uint8_t *restrict out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) out[i] = table[256 * a[i * as] + b[i * bs]];
}

/* `first` is what the function takes first; p->a4 and p->b4 are 0 or 1. */
#define CASES(f, first)                             \
  if (p->a4 && p->b4) f(first, a, 1, b, 1, out, n); \
  else if (p->a4) f(first, a, 1, b, 0, out, n);     \
  else if (p->b4) f(first, a, 0, b, 1, out, n);     \
  else f(first, a, 0, b, 0, out, n);

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_binary_params *p = params;
  const uint32_t chunks = (p->d4 + XQ_CHUNK - 1) / XQ_CHUNK;
  for (uint32_t t = begin; t < end; t++) {
    uint32_t line = t / chunks, start = t % chunks * XQ_CHUNK, n = xq_chunk_end(start, p->d4) - start;
    uint32_t i3 = line % p->d3, i2 = line / p->d3 % p->d2, i1 = line / p->d3 / p->d2 % p->d1, i0 = line / p->d3 / p->d2 / p->d1;
    const uint8_t *a = xq_at(plan, p->a) + (size_t)i0 * p->a0 + (size_t)i1 * p->a1 + (size_t)i2 * p->a2 + (size_t)i3 * p->a3 + (size_t)start * p->a4;
    const uint8_t *b = xq_at(plan, p->b) + (size_t)i0 * p->b0 + (size_t)i1 * p->b1 + (size_t)i2 * p->b2 + (size_t)i3 * p->b3 + (size_t)start * p->b4;
    uint8_t *out = xq_at(plan, p->out) + (size_t)line * p->d4 + start;
    const uint8_t *table = xq_at(plan, p->table);
    if (p->op == 0) {
      CASES(add, p)
    } else if (p->op == 1) {
      CASES(mul, p)
    } else {
      CASES(look_up, table)
    }
  }
}
