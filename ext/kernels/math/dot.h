/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of products. Those of int32 wrap around; those of floats have one order on every instruction set. */
#pragma once
#include <stdint.h>
#include <string.h>

static inline uint32_t xq_dot8(const uint8_t *a, const int8_t *b, uint32_t count) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; i++) sum += (uint32_t)(a[i] * b[i]);
  return sum;
}

static inline uint32_t xq_dot16(const int16_t *a, const int16_t *b, uint32_t count) {
  uint32_t sum = 0;
  for (uint32_t i = 0; i < count; i++) sum += (uint32_t)(a[i] * b[i]);
  return sum;
}

/* Adds every 8th product to one of 8 sums, adds these in halves, and then the products that are left. */
static inline float xq_dotf(const float *a, const float *b, uint32_t count) {
  typedef float lanes __attribute__((vector_size(32)));
  lanes sums = {0}, x, y;
  uint32_t i = 0;
  for (; count - i >= 8; i += 8) {
    memcpy(&x, a + i, sizeof(x));
    memcpy(&y, b + i, sizeof(y));
    sums += x * y;
  }
  float sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  for (; i < count; i++) sum += a[i] * b[i];
  return sum;
}

/* sums[j] += sum of x[k] * rows[k][j] in the order of k, four rows per load of the sums. */
static inline void xq_add_products(
    float *restrict sums, const float *x, const float *rows, uint32_t depth, size_t width) {
  uint32_t k = 0;
  for (; depth - k >= 4; k += 4, x += 4, rows += 4 * width)
    for (size_t j = 0; j < width; j++)
      sums[j] = (((sums[j] + x[0] * rows[j]) + x[1] * rows[width + j]) + x[2] * rows[2 * width + j]) +
                x[3] * rows[3 * width + j];
  for (; k < depth; k++, x++, rows += width)
    for (size_t j = 0; j < width; j++) sums[j] += x[0] * rows[j];
}
