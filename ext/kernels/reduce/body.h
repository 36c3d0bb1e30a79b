/* SPDX-License-Identifier: Apache-2.0 */
#include "reduce/family.h"
#include "drivers/elementwise.h"
#include "math/byte_sums.h"

static inline int32_t greater(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int32_t lesser(int32_t a, int32_t b) { return a < b ? a : b; }

/* Integers are reduced in 64 bits, whose lower 32 are those of a sum or product of int32. */
static inline int64_t add_wide(int64_t a, int64_t b) { return (int64_t)((uint64_t)a + (uint64_t)b); }
static inline int64_t multiply_wide(int64_t a, int64_t b) { return (int64_t)((uint64_t)a * (uint64_t)b); }
static inline int64_t greater_wide(int64_t a, int64_t b) { return a > b ? a : b; }
static inline int64_t lesser_wide(int64_t a, int64_t b) { return a < b ? a : b; }

/* acc[c] = f over all elements of result c, from acc[c]. lanes == SUMS is a loop of its own. */
#define FOLD(f, item, type) \
  static inline void fold_##f##_##item(const struct xq_reduce_params *p, const item *in, \
      type *restrict acc, const uint32_t lanes) { \
    const size_t row = p->inner, far = row * p->count1 * p->middle; \
    for (uint32_t i = 0; i < p->count0; i++, in += far) \
      for (uint32_t j = 0; j < p->count1; j++) { \
        const item *x = in + j * row; \
        if (lanes == SUMS) \
          for (uint32_t c = 0; c < SUMS; c++) acc[c] = (type)f(acc[c], x[c]); \
        else \
          for (uint32_t c = 0; c < lanes; c++) acc[c] = (type)f(acc[c], x[c]); \
      } \
  }
FOLD(greater, uint8_t, uint8_t)
FOLD(lesser, uint8_t, uint8_t)

#define INTEGERS(item) \
  FOLD(add_wide, item, int64_t) \
  FOLD(multiply_wide, item, int64_t) \
  FOLD(greater_wide, item, int64_t) \
  FOLD(lesser_wide, item, int64_t) \
  static void reduce_##item(const struct xq_reduce_params *p, const item *in, item *out, uint32_t lanes) { \
    const int64_t count = (int64_t)p->count0 * p->count1; \
    int64_t acc[SUMS]; \
    for (uint32_t c = 0; c < SUMS; c++) acc[c] = p->op == MAXIMUM ? INT64_MIN : p->op == MINIMUM ? \
        INT64_MAX : p->op == PRODUCT; \
    switch (p->op) { \
      case MAXIMUM: fold_greater_wide_##item(p, in, acc, lanes); break; \
      case MINIMUM: fold_lesser_wide_##item(p, in, acc, lanes); break; \
      case PRODUCT: fold_multiply_wide_##item(p, in, acc, lanes); break; \
      default: fold_add_wide_##item(p, in, acc, lanes); \
    } \
    for (uint32_t c = 0; c < lanes; c++) out[c] = (item)(p->op == MEAN ? acc[c] / count : acc[c]); \
  }
INTEGERS(int32_t)
INTEGERS(int64_t)

static void average(const struct xq_reduce_params *p, const uint8_t *in, uint8_t *out, uint32_t lanes) {
  const float scale = p->scale, bias = p->bias, low = (float)(p->low - p->out_offset),
              high = (float)(p->high - p->out_offset);
  int32_t sum[SUMS];
  for (uint32_t c = 0; c < SUMS; c++) sum[c] = -(int32_t)(p->count0 * p->count1) * p->in_offset;
  const size_t row = p->inner, far = row * p->count1 * p->middle;
  for (uint32_t i = 0; i < p->count0; i++)
    if (p->count1 == 1 || row > lanes) add_bytes(in + i * far, row, p->count1, sum);
    else add_rows(in + i * far, lanes, p->count1, sum);
  for (uint32_t c = 0; c < lanes; c++)
    out[c] = (uint8_t)((int32_t)rintf(xq_clampf((float)sum[c] * scale + bias, low, high)) + p->out_offset);
}

static void reduce_bytes(const struct xq_reduce_params *p, const uint8_t *in, uint8_t *out, uint32_t lanes) {
  uint8_t best[SUMS];
  if (p->op == SCALED_SUM) {
    average(p, in, out, lanes);
    return;
  }
  memset(best, p->op == MAXIMUM ? 0 : 255, SUMS);
  if (p->op == MAXIMUM) fold_greater_uint8_t(p, in, best, lanes);
  else fold_lesser_uint8_t(p, in, best, lanes);
  memcpy(out, best, lanes);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_reduce_params *p = params;
  const uint32_t groups = (p->inner + SUMS - 1) / SUMS;
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t row = t / groups, first = t % groups * SUMS,
                   lanes = p->inner - first < SUMS ? p->inner - first : SUMS;
    const size_t from =
        ((size_t)(row / p->middle) * p->count0 * p->middle + row % p->middle) * p->count1 * p->inner + first;
    const uint8_t *in = xq_at(plan, p->in) + from * p->item;
    uint8_t *out = xq_at(plan, p->out) + ((size_t)row * p->inner + first) * p->item;
    if (p->item == 1) reduce_bytes(p, in, out, lanes);
    else if (p->item == 4) reduce_int32_t(p, (const int32_t *)in, (int32_t *)out, lanes);
    else reduce_int64_t(p, (const int64_t *)in, (int64_t *)out, lanes);
  }
}
