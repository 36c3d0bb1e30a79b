/* SPDX-License-Identifier: Apache-2.0 */
#include "f32binary/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

static inline float floor_mod(float x, float y) {
  const float rest = fmodf(x, y);
  return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

/* The loops of one operation: z from x and y. */
#define CASE(op, z) \
  case op: \
    for (uint32_t row = 0; row < rows; row++) { \
      const float *a = r.a + (size_t)row * r.a_row; \
      const float *b = r.b + (size_t)row * r.b_row; \
      float *restrict out = r.out + (size_t)row * count; \
      for (uint32_t i = 0; i < count; i++) { \
        const float x = a[i * as], y = b[i * bs]; \
        out[i] = xq_clampf(z, low, high); \
      } \
    } \
    break;

/* Rows of `count` elements; those of the output lie side by side. */
struct rows {
  const float *a, *b;
  float *out;
  size_t a_row, b_row;
  uint32_t rows, count;
};

/* as, bs: 0 or 1, constants at each call so that every case is a loop of its own. */
XQ_INLINE void apply(const struct xq_f32binary_params *p, const struct rows r, const int as, const int bs) {
  const float low = p->low, high = p->high;
  const uint32_t rows = r.rows, count = r.count;
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

static void run_rows(const struct xq_f32binary_params *p, const struct rows r) {
  if (p->a4 == p->b4) /* one element where both are 0 */
    apply(p, r, 1, 1);
  else if (p->a4) apply(p, r, 1, 0);
  else apply(p, r, 0, 1);
}

#define LONG 256 /* elements of the rows that short ones become */

/* Short rows of which one operand is always the same: as longer ones, with that operand as often as it
 * fits. */
static void run_repeated(const struct xq_f32binary_params *p, struct rows r) {
  float repeated[LONG];
  const uint32_t count = r.count, times = LONG / count < r.rows ? LONG / count : r.rows,
                 rest = r.rows % times;
  memcpy(repeated, r.a_row ? r.b : r.a, count * sizeof(float));
  r.rows /= times, r.count *= times;
  for (uint32_t n = count; n < r.count; n *= 2)
    memcpy(repeated + n, repeated, (n < r.count - n ? n : r.count - n) * sizeof(float));
  if (r.a_row) r.b = repeated, r.a_row = r.count;
  else r.a = repeated, r.b_row = r.count;
  run_rows(p, r);
  const size_t done = (size_t)r.rows * r.count;
  if (r.a_row) r.a += done;
  if (r.b_row) r.b += done;
  r.out += done, r.rows = 1, r.count = rest * count;
  run_rows(p, r);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32binary_params *p = params;
  const int same = p->a4 && p->b4 && ((p->a3 == 0 && p->b3 == p->d4) || (p->b3 == 0 && p->a3 == p->d4));
  for (uint32_t t = begin; t < end; t++) {
    const struct broadcast_piece piece = broadcast_locate(plan, p, t, sizeof(float), sizeof(float));
    const struct rows r = {(const float *)piece.a, (const float *)piece.b, (float *)piece.out, p->a3, p->b3,
        piece.rows, piece.count};
    same &&piece.rows > 1 && piece.count <= LONG / 8 ? run_repeated(p, r) : run_rows(p, r);
  }
}
