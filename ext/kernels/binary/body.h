/* SPDX-License-Identifier: Apache-2.0 */
#include "binary/family.h"
#include "elementwise.h"
#include "broadcast.h"

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

/* Is `value` among the elements of b? */
static uint32_t reads(const struct xq_binary_params *p, const struct broadcast_piece piece, uint8_t value) {
  for (uint32_t row = 0; row < piece.rows; row++)
    if (memchr(piece.b + (size_t)row * p->b3, value, p->b4 ? piece.count : 1)) return 1;
  return 0;
}

/* `first` is what the function takes first; p->a4 and p->b4 are 0 or 1. */
#define CASES(f, first)                                                                       \
  for (uint32_t row = 0; row < piece.rows; row++) {                                           \
    const uint8_t *a = piece.a + (size_t)row * p->a3, *b = piece.b + (size_t)row * p->b3;     \
    uint8_t *out = piece.out + (size_t)row * p->d4;                                           \
    if (p->a4 && p->b4) f(first, a, 1, b, 1, out, piece.count);                               \
    else if (p->a4) f(first, a, 1, b, 0, out, piece.count);                                   \
    else if (p->b4) f(first, a, 0, b, 1, out, piece.count);                                   \
    else f(first, a, 0, b, 0, out, piece.count);                                              \
  }

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_binary_params *p = params;
  const uint8_t *table = xq_at(plan, p->table);
  for (uint32_t t = begin; t < end; t++) {
    const struct broadcast_piece piece = broadcast_locate(plan, p, t, 1, 1);
    if (p->op == 0) {
      CASES(add, p)
    } else if (p->op == 1) {
      CASES(mul, p)
    } else {
      CASES(look_up, table)
      if (p->refused) worker->refused |= reads(p, piece, (uint8_t)(p->refused - 1));
    }
  }
}
