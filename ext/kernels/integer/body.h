/* SPDX-License-Identifier: Apache-2.0 */
#include "integer/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

/* T: the type, U: the unsigned one, whose arithmetic wraps around. Machines trap at the division by -1 of the
 * least number, so it is a negation. */
#define QUOTIENTS(T, U) \
  static inline T quotient_##T(T x, T y, uint32_t *refused) { \
    if (y == 0) *refused = 1; \
    return y == 0 ? 0 : y == -1 ? (T)(0 - (U)x) : x / y; \
  } \
  static inline T floored_##T(T x, T y, uint32_t *refused) { \
    const T q = quotient_##T(x, y, refused); \
    return (T)((U)q - ((U)q * (U)y != (U)x && (x < 0) != (y < 0))); \
  }

/* The loop of one operation: z from x and y. */
#define CASE(T, op, z) \
  case op: \
    for (uint32_t i = 0; i < n; i++) { \
      const T x = ((const T *)a)[i], y = ((const T *)b)[i], found = (T)(z); \
      out[i] = found < low ? low : found > high ? high : found; \
    } \
    break;

#define APPLY(T, U, min, max) \
  QUOTIENTS(T, U) \
  static void apply_##T(const struct xq_integer_params *p, const void *a, const void *b, void *to, \
      uint32_t n, \
                        uint32_t *refused) { \
    const T low = p->low == INT32_MIN ? min : p->low, high = p->high == INT32_MAX ? max : p->high; \
    T *restrict out = to; \
    switch (p->op) { \
      CASE(T, ADD, (U)x + (U)y) \
      CASE(T, SUB, (U)x - (U)y) \
      CASE(T, MUL, (U)x * (U)y) \
      CASE(T, DIV, quotient_##T(x, y, refused)) \
      CASE(T, FLOOR_DIV, floored_##T(x, y, refused)) \
      CASE(T, FLOOR_MOD, (U)x - (U)y * (U)floored_##T(x, y, refused)) \
      CASE(T, MAXIMUM, x > y ? x : y) \
      CASE(T, MINIMUM, x < y ? x : y) \
      CASE(T, SQUARED_DIFFERENCE, ((U)x - (U)y) * ((U)x - (U)y)) \
      CASE(T, DISTANCE, x < y ? (U)y - (U)x : (U)x - (U)y) \
    } \
  }
APPLY(int32_t, uint32_t, INT32_MIN, INT32_MAX)
APPLY(int64_t, uint64_t, INT64_MIN, INT64_MAX)

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_integer_params *p = params;
  broadcast_run(plan, p, begin, end, worker, p->item, p->item, p->item == 8 ? apply_int64_t : apply_int32_t);
}
