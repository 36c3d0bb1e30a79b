/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

/* The loops of one operation. */
#define CASE(T, op, sign)                                                          \
  case op:                                                                         \
    for (uint32_t row = 0; row < piece.rows; row++) {                              \
      const T *a = (const T *)piece.a + (size_t)row * p->a3;                       \
      const T *b = (const T *)piece.b + (size_t)row * p->b3;                       \
      uint8_t *restrict out = piece.out + (size_t)row * p->d4;                     \
      for (uint32_t i = 0; i < piece.count; i++) out[i] = a[i * as] sign b[i * bs]; \
    }                                                                              \
    break;

/* as, bs: 0 or 1, constants at each call so that every case is a loop of its own. */
#define APPLY(T)                                                                                                                                  \
  XQ_INLINE void apply_##T(const struct xq_compare_params *p, const struct broadcast_piece piece, const int as, \
                                                              const int bs) {                                                                     \
    switch (p->op) {                                                                                                                              \
      CASE(T, EQUAL, ==)                                                                                                                          \
      CASE(T, NOT_EQUAL, !=)                                                                                                                      \
      CASE(T, LESS, <)                                                                                                                            \
      CASE(T, LESS_EQUAL, <=)                                                                                                                     \
      CASE(T, GREATER, >)                                                                                                                         \
      CASE(T, GREATER_EQUAL, >=)                                                                                                                  \
    }                                                                                                                                             \
  }
APPLY(float)
APPLY(int32_t)
APPLY(int64_t)

XQ_INLINE void apply(const struct xq_compare_params *p, const struct broadcast_piece piece, const int as, const int bs) {
  if (p->type == FLOAT32)
    apply_float(p, piece, as, bs);
  else if (p->type == INT32)
    apply_int32_t(p, piece, as, bs);
  else
    apply_int64_t(p, piece, as, bs);
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_compare_params *p = params;
  for (uint32_t t = begin; t < end; t++) {
    const struct broadcast_piece piece = broadcast_locate(plan, p, t, p->type == INT64 ? 8 : 4, 1);
    BROADCAST_STEPS(apply, p, piece)
  }
}
