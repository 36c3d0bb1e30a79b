/* SPDX-License-Identifier: Apache-2.0 */
/* Straight lines in 16-bit lanes: for a byte x and w = x + 256 upper the result is ((int16)(w high + bias) +
 * (w low >> 16)) >> shift, from 0 to 255. The slope is high + low / 65536, and upper adds a fraction to the
 * bias. xqtool/lowering/lines.py finds the four numbers. */
#pragma once
#include "simd/vector.h"

struct line {
  V(int) high, low, bias;
};

/* Loads the lines of XQ_BYTES neighbours from three rows, which lie `row` numbers apart. */
static inline void load_lines(const int16_t *rows, size_t row, struct line to[2]) {
  V(load_halves)(rows, &to[0].high, &to[1].high);
  V(load_halves)(rows + row, &to[0].low, &to[1].low);
  V(load_halves)(rows + 2 * row, &to[0].bias, &to[1].bias);
}

/* Only the last sum saturates, where the shifted result is below 0 or above 255. */
static inline V(int) point(V(int) x, struct line line, V(count) shift) {
  const V(int) sum = V(add16)(V(mul16_low)(x, line.high), line.bias);
  return V(shift16)(V(add16s)(sum, V(mul16_high)(x, line.low)), shift);
}

/* Gives XQ_BYTES results; the two lines are those of the lanes of low8 and of high8. */
static inline V(int) points(V(int) x, V(int) uppers, const struct line lines[2], V(count) shift) {
  const V(int) first = V(low8)(x, uppers), second = V(high8)(x, uppers);
  return V(pack16u)(point(first, lines[0], shift), point(second, lines[1], shift));
}
