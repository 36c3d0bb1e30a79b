/* SPDX-License-Identifier: Apache-2.0 */
#include "binary/family.h"
#include "elementwise.h"

/* Bytes that an operand of these strides spans. */
static uint64_t span(const uint32_t dims[5], const uint32_t strides[5]) {
  uint64_t last = 0;
  for (int i = 0; i < 5; i++) last += (uint64_t)(dims[i] - 1) * strides[i];
  return last + 1;
}

/* Do the sums of `add` fit int32 for all bytes? */
static int sums_fit(const struct xq_binary_params *p) {
  const int64_t a = 255 * (int64_t)p->ma, b = 255 * (int64_t)p->mb, limit = INT32_MAX - 255;
  const int64_t least = (a < 0 ? a : 0) + (b < 0 ? b : 0), greatest = (a > 0 ? a : 0) + (b > 0 ? b : 0);
  return least >= -limit && greatest <= limit && least + p->offset >= -limit && greatest + p->offset <= limit;
}

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_binary_params *p = params;
  const uint32_t dims[5] = {p->d0, p->d1, p->d2, p->d3, p->d4}, as[5] = {p->a0, p->a1, p->a2, p->a3, p->a4}, bs[5] = {p->b0, p->b1, p->b2, p->b3, p->b4};
  uint64_t elements = 1;
  for (int i = 0; i < 5; i++) {
    if (!dims[i] || (elements *= dims[i]) > XQ_MAX_ELEMENTS) return "binary: a size is zero or too large";
    if (as[i] > XQ_MAX_ELEMENTS || bs[i] > XQ_MAX_ELEMENTS) return "binary: a stride is too large";
  }
  if (p->a4 > 1 || p->b4 > 1) return "binary: the last dimension must be contiguous or repeated";
  if (!xq_holds(plan, p->a, span(dims, as)) || !xq_holds(plan, p->b, span(dims, bs)) || !xq_writes(plan, p->out, elements)) return "binary: outside of the plan";
  if (p->op > 2 || (p->op == 2 && !xq_holds(plan, p->table, 1 << 16))) return "binary: unknown operation";
  if (p->shift > 31 || p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255) return "binary: parameters out of range";
  if (p->za < 0 || p->za > 255 || p->zb < 0 || p->zb > 255 || !sums_fit(p)) return "binary: parameters out of range";
  need->tiles = (uint32_t)(elements / p->d4 * ((p->d4 + XQ_CHUNK - 1) / XQ_CHUNK));
  return NULL;
}

#include "family_table.h"
