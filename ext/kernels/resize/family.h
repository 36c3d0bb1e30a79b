/* SPDX-License-Identifier: Apache-2.0 */
/* resize: bilinear, 8 bits: (sum of four pixels, each times a row weight and a column weight, + 2^(n - 1)) >>
 * n. `rows` and `columns` are tables of (low, high, weight of high) as three uint32 for each output index;
 * weights of low and high sum to 2^row_bits and 2^column_bits, whose product is 2^n, so the result moves with
 * a shift of all values and the zero point plays no role. A tile is one output row: first the two input rows
 * are mixed (scratch: in_w * channels uint32), then the columns. Up to n = 8 all sums fit 16 bits. */
#define XQ_FAMILY resize
#define XQ_PARAMS(U, I, F) U(in) U(out) U(rows) U(columns) U(row_bits) U(column_bits) U(batch) U(in_h) \
  U(in_w) U(channels) U(out_h) U(out_w)
#include "family_begin.h"
