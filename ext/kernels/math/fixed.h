/* SPDX-License-Identifier: Apache-2.0 */
/* gemmlowp's fixed-point arithmetic, as in xqtool/ops/numeric.py: numbers have 31 fractional bits, and
 * results are rounded half away from zero. */
#pragma once
#include <stdint.h>

static inline int64_t xq_saturate(int64_t x) {
  return x < INT32_MIN ? INT32_MIN : x > INT32_MAX ? INT32_MAX : x;
}

/* a * b / 2^31 */
static inline int64_t xq_doubled_high(int64_t a, int64_t b) {
  const int64_t product = a * b, total = product + (product >= 0 ? 1 << 30 : 1 - (1 << 30));
  return total / ((int64_t)1 << 31);
}

/* x * quotient * 2^(shift - 31) for shift in -31 .. 31, rounded in each of two steps. */
static inline int32_t xq_fixed_product(int32_t x, int32_t quotient, int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0, right = shift < 0 ? -shift : 0;
  const int64_t high = xq_doubled_high(xq_saturate((int64_t)x * ((int64_t)1 << left)), quotient);
  const int64_t mask = ((int64_t)1 << right) - 1;
  return (int32_t)((high >> right) + ((high & mask) > (mask >> 1) + (high < 0)));
}
