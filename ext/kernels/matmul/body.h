/* SPDX-License-Identifier: Apache-2.0 */
#include "matmul/family.h"
#include "elementwise.h"
#include "fixed.h"

#define TILE XQ_MATMUL_TILE

/* b - zb of `lanes` columns from b on, TILE to a row and zeros behind them: the operand of every row of a. */
static void pack(const struct xq_matmul_params *p, const uint8_t *b, uint32_t lanes, int16_t *packed) {
  for (uint32_t k = 0; k < p->depth; k++, b += p->b_step, packed += TILE) {
    for (uint32_t j = 0; j < lanes; j++) packed[j] = (int16_t)(b[(size_t)j * p->b_column] - p->zb);
    for (uint32_t j = lanes; j < TILE; j++) packed[j] = 0;
  }
}

static void row(const struct xq_matmul_params *p, const uint8_t *a, const int16_t *packed, int32_t acc[TILE]) {
  memset(acc, 0, TILE * sizeof(*acc));
  for (uint32_t k = 0; k < p->depth; k++, packed += TILE) {
    const int16_t x = (int16_t)(a[(size_t)k * p->a_step] - p->za);
    for (uint32_t j = 0; j < TILE; j++) acc[j] += x * packed[j];
  }
}

static void requantize(const struct xq_matmul_params *p, const int32_t acc[TILE], uint32_t lanes, uint8_t *out) {
  const float low = (float)-p->zero_point, high = (float)(255 - p->zero_point);
  if (p->fixed)
    for (uint32_t j = 0; j < lanes; j++) out[j] = (uint8_t)xq_clamp((int32_t)xq_saturate((int64_t)xq_fixed_product(acc[j], p->quotient, p->shift) + p->zero_point), 0, 255);
  else
    for (uint32_t j = 0; j < lanes; j++) out[j] = (uint8_t)((int32_t)rintf(xq_clampf((float)acc[j] * p->scale, low, high)) + p->zero_point);
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_matmul_params *p = params;
  const uint32_t down = (p->rows + TILE - 1) / TILE, across = (p->columns + TILE - 1) / TILE;
  int16_t *packed = (int16_t *)worker->scratch;
  int32_t acc[TILE];
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t % down * TILE, column = t / down % across * TILE, pair = t / down / across;
    const uint32_t stop = p->rows - first < TILE ? p->rows : first + TILE, lanes = p->columns - column < TILE ? p->columns - column : TILE;
    const size_t i2 = pair % p->d2, i1 = pair / p->d2 % p->d1, i0 = pair / p->d2 / p->d1;
    const uint8_t *a = xq_at(plan, p->a) + i0 * p->a0 + i1 * p->a1 + i2 * p->a2, *b = xq_at(plan, p->b) + i0 * p->b0 + i1 * p->b1 + i2 * p->b2;
    uint8_t *out = xq_at(plan, p->out) + (size_t)pair * p->rows * p->columns + column;
    if (t == begin || first == 0) pack(p, b + (size_t)column * p->b_column, lanes, packed);
    for (uint32_t i = first; i < stop; i++) {
      row(p, a + (size_t)i * p->a_row, packed, acc);
      requantize(p, acc, lanes, out + (size_t)i * p->columns);
    }
  }
}
