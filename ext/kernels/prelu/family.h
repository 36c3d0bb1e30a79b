/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* prelu: bytes, by straight lines that meet at in_zero. A tile is a run of whole periods.
 *
 *   x = |in[i] - in_zero| + 256 upper
 *   out[i] = clamp(((int16)(x high + bias) + (x low >> 16)) >> shift, 0, 255)
 *
 * From in_zero on high, low, bias and upper are the parameters; below they are those of i % period at
 * `lines`: three rows of period + BEYOND int16, of which BEYOND are read in vain, and a row of bytes, upper,
 * below 128 (math/lines.h). At in_zero no line below may be higher than the line above is anywhere. */
#define XQ_FAMILY prelu
#define XQ_PARAMS(U, I, F) \
  U(in) U(out) U(lines) U(count) U(period) U(in_zero) U(shift) U(upper) I(high) I(low) I(bias)
#define XQ_LIMITS(L) L(BEYOND, 64)
#include "family_begin.h"

/* Elements of a tile. */
static inline uint32_t prelu_run(const struct xq_prelu_params *p) {
  return p->period < 4096 ? 4096 / p->period * p->period : p->period;
}

/* Entries of a row of lines. */
static inline size_t prelu_row(const struct xq_prelu_params *p) { return (size_t)p->period + BEYOND; }

/* The result of a line at `distance` from in_zero. */
static inline int32_t prelu_point(
    uint32_t distance, int32_t high, int32_t low, int32_t bias, uint32_t upper, uint32_t shift) {
  const int32_t x = (int32_t)(distance + 256 * upper),
                sum = ((int16_t)(x * high + bias) + (x * low >> 16)) >> shift;
  return sum < 0 ? 0 : sum > 255 ? 255 : sum;
}
