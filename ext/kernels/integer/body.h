/* SPDX-License-Identifier: Apache-2.0 */
#include "integer/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

/* T: the type, U: the unsigned one, whose arithmetic wraps around. Machines trap at the division by -1 of the least number, so it is a negation. */
#define QUOTIENTS(T, U)                                                            \
  static inline T quotient_##T(T x, T y, uint32_t *refused) {                      \
    if (y == 0) *refused = 1;                                                      \
    return y == 0 ? 0 : y == -1 ? (T)(0 - (U)x) : x / y;                           \
  }                                                                                \
  static inline T floored_##T(T x, T y, uint32_t *refused) {                       \
    const T q = quotient_##T(x, y, refused);                                       \
    return (T)((U)q - ((U)q * (U)y != (U)x && (x < 0) != (y < 0)));                \
  }

/* The loops of one operation: z from x and y. */
#define CASE(T, op, z)                                                             \
  case op:                                                                         \
    for (uint32_t row = 0; row < piece.rows; row++) {                              \
      const T *a = (const T *)piece.a + (size_t)row * p->a3;                       \
      const T *b = (const T *)piece.b + (size_t)row * p->b3;                       \
      T *restrict out = (T *)piece.out + (size_t)row * p->d4;                      \
      for (uint32_t i = 0; i < piece.count; i++) {                                 \
        const T x = a[i * as], y = b[i * bs], found = (T)(z);                      \
        out[i] = found < low ? low : found > high ? high : found;                  \
      }                                                                            \
    }                                                                              \
    break;

/* as, bs: 0 or 1, constants at each call so that every case is a loop of its own. */
#define APPLY(T, U, least, greatest)                                                                                                             \
  QUOTIENTS(T, U)                                                                                                                                \
  XQ_INLINE void apply_##T(const struct xq_integer_params *p, const struct broadcast_piece piece, uint32_t *refused, \
                                                              const int as, const int bs) {                                                      \
    const T low = p->low == INT32_MIN ? least : p->low, high = p->high == INT32_MAX ? greatest : p->high;                                        \
    switch (p->op) {                                                                                                                             \
      CASE(T, ADD, (U)x + (U)y)                                                                                                                  \
      CASE(T, SUB, (U)x - (U)y)                                                                                                                  \
      CASE(T, MUL, (U)x * (U)y)                                                                                                                  \
      CASE(T, DIV, quotient_##T(x, y, refused))                                                                                                  \
      CASE(T, FLOOR_DIV, floored_##T(x, y, refused))                                                                                             \
      CASE(T, FLOOR_MOD, (U)x - (U)y * (U)floored_##T(x, y, refused))                                                                            \
      CASE(T, MAXIMUM, x > y ? x : y)                                                                                                            \
      CASE(T, MINIMUM, x < y ? x : y)                                                                                                            \
      CASE(T, SQUARED_DIFFERENCE, ((U)x - (U)y) * ((U)x - (U)y))                                                                                 \
      CASE(T, DISTANCE, x < y ? (U)y - (U)x : (U)x - (U)y)                                                                                       \
    }                                                                                                                                            \
  }
APPLY(int32_t, uint32_t, INT32_MIN, INT32_MAX)
APPLY(int64_t, uint64_t, INT64_MIN, INT64_MAX)

XQ_INLINE void apply(const struct xq_integer_params *p, const struct broadcast_piece piece, uint32_t *refused,
                                                        const int as, const int bs) {
  if (p->item == 8)
    apply_int64_t(p, piece, refused, as, bs);
  else
    apply_int32_t(p, piece, refused, as, bs);
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_integer_params *p = params;
  uint32_t refused = 0;
  for (uint32_t t = begin; t < end; t++) {
    const struct broadcast_piece piece = broadcast_locate(plan, p, t, p->item, p->item);
    BROADCAST_STEPS(apply, p, piece, &refused)
  }
  worker->refused |= refused;
}
