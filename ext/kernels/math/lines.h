/* SPDX-License-Identifier: Apache-2.0 */
/* Straight lines in 16-bit lanes: a byte x, with another one above it, w = x + 256 upper, has the result ((int16)(w high + bias) + (w low >> 16)) >> shift, from 0
 * to 255. The slope is high + low / 65536; upper is there for what it adds to the bias: a fraction. xqtool/lowering/lines.py finds the four numbers. */
#include "simd/bytes.h"

struct line {
  xq_bytes high, low, bias;
};

/* XQ_BYTES numbers of 16 bits, as the halves of unpacked bytes lie. */
static inline void load_halves(const int16_t *from, xq_bytes *first, xq_bytes *second) {
  const xq_bytes a = xq_load_bytes((const uint8_t *)from), b = xq_load_bytes((const uint8_t *)(from + XQ_BYTES / 2));
#if XQ_BYTES == 64
  *first = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13), b);
  *second = _mm512_permutex2var_epi64(a, _mm512_setr_epi64(2, 3, 6, 7, 10, 11, 14, 15), b);
#else
  *first = _mm256_permute2x128_si256(a, b, 0x20);
  *second = _mm256_permute2x128_si256(a, b, 0x31);
#endif
}

/* Lines of XQ_BYTES neighbours from three rows of numbers, `row` numbers apart. */
static inline void load_lines(const int16_t *rows, size_t row, struct line to[2]) {
  load_halves(rows, &to[0].high, &to[1].high);
  load_halves(rows + row, &to[0].low, &to[1].low);
  load_halves(rows + 2 * row, &to[0].bias, &to[1].bias);
}

/* Only the last sum saturates, where the result is beyond 0 or 255 after the shift. */
static inline xq_bytes point(xq_bytes x, struct line line, xq_count shift) {
  const xq_bytes sum = XQ_V(add_epi16)(XQ_V(mullo_epi16)(x, line.high), line.bias);
  return xq_shift(XQ_V(adds_epi16)(sum, XQ_V(mulhi_epi16)(x, line.low)), shift);
}

/* XQ_BYTES results; the lines of what unpacking takes from the lower and from the upper halves of each 128 bits. */
static inline xq_bytes points(xq_bytes x, xq_bytes uppers, const struct line lines[2], xq_count shift) {
  const xq_bytes first = XQ_V(unpacklo_epi8)(x, uppers), second = XQ_V(unpackhi_epi8)(x, uppers);
  return XQ_V(packus_epi16)(point(first, lines[0], shift), point(second, lines[1], shift));
}
