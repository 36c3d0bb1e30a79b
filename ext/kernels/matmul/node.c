/* SPDX-License-Identifier: Apache-2.0 */
#include "matmul/family.h"

/* Does ref hold the operand: matrices of rows x columns with these strides? */
static int fits(const struct xq_plan *plan, xq_ref ref, const uint32_t sizes[5], const uint32_t strides[5]) {
  uint64_t last = 0;
  for (int i = 0; i < 5; i++) {
    if (strides[i] > XQ_MAX_ELEMENTS) return 0;
    last += (uint64_t)(sizes[i] - 1) * strides[i];
  }
  return xq_holds(plan, ref, last + 1);
}

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_matmul_params *p = params;
  const uint64_t pairs = xq_volume(p->d0, p->d1, p->d2), results = (uint64_t)p->rows * p->columns;
  if (!pairs || !results || !p->depth || pairs > XQ_MAX_ELEMENTS || results > XQ_MAX_ELEMENTS || pairs * results > XQ_MAX_ELEMENTS ||
      p->depth > XQ_MATMUL_DEPTH)
    return "matmul: a size is zero or too large";
  const uint32_t a[5] = {p->d0, p->d1, p->d2, p->rows, p->depth}, b[5] = {p->d0, p->d1, p->d2, p->depth, p->columns};
  const uint32_t as[5] = {p->a0, p->a1, p->a2, p->a_row, p->a_step}, bs[5] = {p->b0, p->b1, p->b2, p->b_step, p->b_column};
  if (!fits(plan, p->a, a, as) || !fits(plan, p->b, b, bs) || !xq_writes(plan, p->out, pairs * results)) return "matmul: outside of the plan";
  if (p->za < 0 || p->za > 255 || p->zb < 0 || p->zb > 255 || p->zero_point < 0 || p->zero_point > 255 || p->fixed > 1 || p->shift < -31 || p->shift > 31)
    return "matmul: parameters out of range";
  need->tiles = (uint32_t)pairs * ((p->rows + XQ_MATMUL_TILE - 1) / XQ_MATMUL_TILE) * ((p->columns + XQ_MATMUL_TILE - 1) / XQ_MATMUL_TILE);
  need->scratch = (uint64_t)p->depth * XQ_MATMUL_TILE * sizeof(int16_t);
  return NULL;
}

#include "family_table.h"
