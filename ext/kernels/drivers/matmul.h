/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the families of products of two activations, in tiles of 64 rows and 64 columns. The family.h
 * before it defines the types of activations, packed columns and sums: XQ_VALUE, XQ_PACKED, XQ_SUM. */
#pragma once
#ifndef XQ_FAMILY
#include "matmul/family.h"
#endif

typedef struct XQ_CAT3(xq_, XQ_FAMILY, _params) product_params;

#define TILE 64

static inline const char *product_check(
    const struct xq_plan *plan, const product_params *p, struct xq_need *need) {
  const uint64_t pairs = xq_volume(p->d0, p->d1, p->d2), results = (uint64_t)p->rows * p->columns;
  if (!pairs || !results || !p->depth || pairs > XQ_MAX_ELEMENTS || results > XQ_MAX_ELEMENTS ||
      pairs * results > XQ_MAX_ELEMENTS)
    return XQ_STR(XQ_FAMILY) ": a size is zero or too large";
  const uint32_t a[5] = {p->d0, p->d1, p->d2, p->rows, p->depth};
  const uint32_t b[5] = {p->d0, p->d1, p->d2, p->depth, p->columns};
  const uint32_t as[5] = {p->a0, p->a1, p->a2, p->a_row, p->a_step};
  const uint32_t bs[5] = {p->b0, p->b1, p->b2, p->b_step, p->b_column};
  if (!xq_holds_strided(plan, p->a, a, as, sizeof(XQ_VALUE)) ||
      !xq_holds_strided(plan, p->b, b, bs, sizeof(XQ_VALUE)) || p->out % sizeof(XQ_VALUE) ||
      !xq_writes(plan, p->out, pairs * results * sizeof(XQ_VALUE)))
    return XQ_STR(XQ_FAMILY) ": outside of the plan";
  need->tiles = (uint32_t)pairs * ((p->rows + TILE - 1) / TILE) * ((p->columns + TILE - 1) / TILE);
  need->scratch = (uint64_t)p->depth * TILE * sizeof(XQ_PACKED);
  return NULL;
}

/* Packs `lanes` columns of b, minus the zero point and filled up to TILE, for all rows of a. */
static inline void product_pack(
    const product_params *p, const XQ_VALUE *b, XQ_PACKED zero, uint32_t lanes, XQ_PACKED *packed) {
  for (uint32_t k = 0; k < p->depth; k++, b += p->b_step, packed += TILE) {
    for (uint32_t j = 0; j < lanes; j++) packed[j] = (XQ_PACKED)(b[(size_t)j * p->b_column] - zero);
    for (uint32_t j = lanes; j < TILE; j++) packed[j] = 0;
  }
}

static inline void product_row(
    const product_params *p, const XQ_VALUE *a, XQ_PACKED zero, const XQ_PACKED *packed, XQ_SUM acc[TILE]) {
  for (uint32_t j = 0; j < TILE; j++) acc[j] = 0;
  for (uint32_t k = 0; k < p->depth; k++, packed += TILE) {
    const XQ_PACKED x = (XQ_PACKED)(a[(size_t)k * p->a_step] - zero);
    for (uint32_t j = 0; j < TILE; j++) acc[j] += x * packed[j];
  }
}

/* Runs the tiles, given both zero points; `finish` makes results of the sums of some columns. */
static inline void product_run(const struct xq_plan *plan, const product_params *p, uint32_t begin,
    uint32_t end, struct xq_worker *worker, XQ_PACKED za, XQ_PACKED zb,
    void (*finish)(const struct xq_plan *, const product_params *, uint32_t column, const XQ_SUM *acc,
        uint32_t lanes, XQ_VALUE *out)) {
  const uint32_t down = (p->rows + TILE - 1) / TILE, across = (p->columns + TILE - 1) / TILE;
  XQ_PACKED *packed = (XQ_PACKED *)worker->scratch;
  XQ_SUM acc[TILE];
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t % down * TILE, column = t / down % across * TILE, pair = t / down / across;
    const uint32_t stop = p->rows - first < TILE ? p->rows : first + TILE,
                   lanes = p->columns - column < TILE ? p->columns - column : TILE;
    const size_t i2 = pair % p->d2, i1 = pair / p->d2 % p->d1, i0 = pair / p->d2 / p->d1;
    const XQ_VALUE *a = (const XQ_VALUE *)xq_at(plan, p->a) + i0 * p->a0 + i1 * p->a1 + i2 * p->a2;
    const XQ_VALUE *b = (const XQ_VALUE *)xq_at(plan, p->b) + i0 * p->b0 + i1 * p->b1 + i2 * p->b2;
    XQ_VALUE *out = (XQ_VALUE *)xq_at(plan, p->out) + (size_t)pair * p->rows * p->columns + column;
    if (t == begin || first == 0) product_pack(p, b + (size_t)column * p->b_column, zb, lanes, packed);
    for (uint32_t i = first; i < stop; i++) {
      product_row(p, a + (size_t)i * p->a_row, za, packed, acc);
      finish(plan, p, column, acc, lanes, out + (size_t)i * p->columns);
    }
  }
}
