/* SPDX-License-Identifier: Apache-2.0 */
#include "f32binary/family.h"
#include "elementwise.h"
#include "broadcast.h"

static inline float floor_mod(float x, float y) {
  const float rest = fmodf(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

/* The loops of one operation: z from x and y. */
#define CASE(op, z)                                                    \
  case F32BINARY_##op:                                                 \
    for (uint32_t row = 0; row < piece.rows; row++) {                  \
      const float *a = (const float *)piece.a + (size_t)row * p->a3;   \
      const float *b = (const float *)piece.b + (size_t)row * p->b3;   \
      float *restrict out = (float *)piece.out + (size_t)row * p->d4;  \
      for (uint32_t i = 0; i < count; i++) {                           \
        const float x = a[i * as], y = b[i * bs];                      \
        out[i] = xq_clampf(z, low, high);                              \
      }                                                                \
    }                                                                  \
    break;

/* as, bs: 0 or 1, constants at each call so that every case is a loop of its own. */
static inline __attribute__((always_inline)) void apply(const struct xq_f32binary_params *p, const struct broadcast_piece piece, const int as, const int bs) {
  const float low = p->low, high = p->high;
  const uint32_t count = piece.count;
  switch (p->op) {
    CASE(ADD, x + y)
    CASE(SUB, x - y)
    CASE(MUL, x * y)
    CASE(DIV, x / y)
    CASE(FLOOR_DIV, floorf(x / y))
    CASE(MAXIMUM, x > y ? x : y)
    CASE(MINIMUM, x < y ? x : y)
    CASE(SQUARED_DIFFERENCE, (x - y) * (x - y))
    CASE(PRELU, x >= 0 ? x : x * y)
    CASE(FLOOR_MOD, floor_mod(x, y))
    CASE(POW, powf(x, y))
  }
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32binary_params *p = params;
  for (uint32_t t = begin; t < end; t++) {
    const struct broadcast_piece piece = broadcast_locate(plan, p, t, sizeof(float), sizeof(float));
    BROADCAST_STEPS(apply, p, piece)
  }
}
