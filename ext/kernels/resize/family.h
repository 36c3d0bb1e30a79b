/* SPDX-License-Identifier: Apache-2.0 */
/* resize: bilinear, 8 bits, with 11-bit weights: (sum of four pixels, each times a row weight and a column weight, + 2^21) >> 22. `rows` and `columns` are
 * tables of (low, high, weight of high) as three uint32 for each output index. The weights sum to 2^22, so the result moves with a shift of all values and
 * the zero point plays no role. A tile is one output row: first the two input rows are mixed (scratch: in_w * channels int32), then the columns. */
#define XQ_FAMILY resize
#define XQ_PARAMS(U, I, F) U(in) U(out) U(rows) U(columns) U(batch) U(in_h) U(in_w) U(channels) U(out_h) U(out_w)
#include "family_begin.h"
