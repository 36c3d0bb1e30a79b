/* SPDX-License-Identifier: Apache-2.0 */
/* Straight lines in 16-bit lanes: a byte x, with another one above it, w = x + 256 upper, has the result
 * ((int16)(w high + bias) + (w low >> 16)) >> shift, from 0 to 255. The slope is high + low / 65536; upper is
 * there for what it adds to the bias: a fraction. xqtool/lowering/lines.py finds the four numbers. */
#pragma once
#include "simd/vector.h"

struct line {
  V(int) high, low, bias;
};

/* Lines of XQ_BYTES neighbours from three rows of numbers, `row` numbers apart. */
static inline void load_lines(const int16_t *rows, size_t row, struct line to[2]) {
  V(load_halves)(rows, &to[0].high, &to[1].high);
  V(load_halves)(rows + row, &to[0].low, &to[1].low);
  V(load_halves)(rows + 2 * row, &to[0].bias, &to[1].bias);
}

/* Only the last sum saturates, where the result is beyond 0 or 255 after the shift. */
static inline V(int) point(V(int) x, struct line line, V(count) shift) {
  const V(int) sum = V(add16)(V(mul16_low)(x, line.high), line.bias);
  return V(shift16)(V(add16s)(sum, V(mul16_high)(x, line.low)), shift);
}

/* XQ_BYTES results; the lines of what unpacking takes from the lower and from the upper halves of each 128
 * bits. */
static inline V(int) points(V(int) x, V(int) uppers, const struct line lines[2], V(count) shift) {
  const V(int) first = V(low8)(x, uppers), second = V(high8)(x, uppers);
  return V(pack16u)(point(first, lines[0], shift), point(second, lines[1], shift));
}
