/* SPDX-License-Identifier: Apache-2.0 */
#include "compare/family.h"
#include "drivers/broadcast.h"

/* The loop of one operation. */
#define CASE(T, op, sign) \
  case op: \
    for (uint32_t i = 0; i < n; i++) out[i] = ((const T *)a)[i] sign((const T *)b)[i]; \
    break;

#define COMPARE(T) \
  static void compare_##T(uint32_t op, const void *a, const void *b, uint8_t *restrict out, uint32_t n) { \
    switch (op) { \
      CASE(T, EQUAL, ==) \
      CASE(T, NOT_EQUAL, !=) \
      CASE(T, LESS, <) \
      CASE(T, LESS_EQUAL, <=) \
    } \
  }
COMPARE(float)
COMPARE(int32_t)
COMPARE(int64_t)

static void compare(const struct xq_compare_params *p, const void *a, const void *b, void *out, uint32_t n,
    uint32_t *refused) {
  const int swaps = p->op >= GREATER; /* a > b is b < a */
  const void *first = swaps ? b : a, *second = swaps ? a : b;
  const uint32_t op = p->op == GREATER ? LESS : p->op == GREATER_EQUAL ? LESS_EQUAL : p->op;
  if (p->type == FLOAT32) compare_float(op, first, second, out, n);
  else if (p->type == INT32) compare_int32_t(op, first, second, out, n);
  else compare_int64_t(op, first, second, out, n);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_compare_params *p = params;
  broadcast_run(plan, p, begin, end, worker, p->type == INT64 ? 8 : 4, 1, compare);
}
