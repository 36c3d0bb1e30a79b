/* SPDX-License-Identifier: Apache-2.0 */
/* dynamic: rows of `count` floats to 8 bits, with a scale and zero point for each row, from its minimum and
 * maximum (0 is always among them):
 *   XNNPACK:           f = 255 / (max - min), scale = 1 / f; zero_point: from the end of the range
 *     where its rounding error is smaller, RNE;
 *                      d = RNE(x f)
 *   LITERT:            scale = (max - min) / 255, f = 1 / scale; zero_point: the same in double, half
 *     away from zero;  d = round half away(x f)
 *   LITERT_SYMMETRIC: scale = r / 127, f = 127 / r, r the maximum absolute value; zero_point = 128;  d =
 *     round half away(x f)
 *   byte = d + zero_point, clamped to 0 .. 255, symmetric to 1 .. 255
 * all in fp32 where nothing is said. A row of zeros has scale 1. A NaN is left out of the range and becomes
 * the greatest byte. A row with an infinity has the factor 0. With to_float the output is d as a float,
 * clamped like the byte, else bytes; `padding` bytes of each row's zero point go to `zero`.
 *
 * A tile is a chunk of a row. Rows of one chunk need one node (pass = 0). Of longer ones a first node (pass =
 * 1) writes the minimum and maximum of each chunk to `partials`, and a second one (pass = 2) takes a
 * row's range from there. */
#include "math/quantized_row.h"

/* The minimum and maximum of some elements and 0. */
struct dynamic_range {
  float min, max;
};

#define XQ_FAMILY dynamic
#define XQ_PARAMS(U, I, F) U(in) U(out) U(factors) U(zero) U(partials) U(rows) U(count) U(chunk) U(pass) \
  U(padding) U(mode) U(to_float)
#define XQ_ENUMS(E) E(mode, XNNPACK, LITERT, LITERT_SYMMETRIC)
#define XQ_LIMITS(L) L(FACTOR_BYTES, sizeof(struct xq_quantized_row)) L(RANGE_BYTES, \
  sizeof(struct dynamic_range))
#include "family_begin.h"

static inline uint32_t dynamic_chunks(const struct xq_dynamic_params *p) {
  return (p->count - 1) / p->chunk + 1;
}
