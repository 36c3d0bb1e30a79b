/* SPDX-License-Identifier: Apache-2.0 */
#include "binary/family.h"
#include "drivers/elementwise.h"
#include "drivers/broadcast.h"

/* Do the sums of `add` fit int32 for all bytes? */
static int sums_fit(const struct xq_binary_params *p) {
  const int64_t a = 255 * (int64_t)p->ma, b = 255 * (int64_t)p->mb, limit = INT32_MAX - 255;
  const int64_t min = (a < 0 ? a : 0) + (b < 0 ? b : 0), max = (a > 0 ? a : 0) + (b > 0 ? b : 0);
  return min >= -limit && max <= limit && min + p->offset >= -limit && max + p->offset <= limit;
}

/* Does mul with a table multiply contiguous rows by one row? */
static int rows_fit(const struct xq_plan *plan, const struct xq_binary_params *p) {
  const int alike =
      p->d0 == 1 && p->d1 == 1 && p->d2 == 1 && p->a4 == 1 && (p->d3 == 1 || (p->a3 == p->d4 && p->b3 == 0));
  return alike && binary_period(p) <= MAX_LINES && p->table % 2 == 0 && xq_holds(plan, p->table, 7 * 256) &&
         p->low == 0 && p->high == 255 && p->shift <= 7;
}

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_binary_params *p = params;
  if (p->op >= op_count || (p->op == TABLE && !xq_holds(plan, p->table, 1 << 16)))
    return "binary: unknown operation";
  if (p->refused > 256) return "binary: parameters out of range";
  if (p->shift > 31 || p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 ||
      p->zero_point > 255)
    return "binary: parameters out of range";
  if (p->za < 0 || p->za > 255 || p->zb < 0 || p->zb > 255 || !sums_fit(p))
    return "binary: parameters out of range";
  if (p->op == MUL && p->table && !rows_fit(plan, p)) return "binary: a table for other rows";
  return broadcast_check(plan, p, 1, 1, need);
}

#include "family_table.h"
