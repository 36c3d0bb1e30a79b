/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* lut: any function of one 8-bit tensor: out[row][i] = table[in[row][i]], rows `in_pitch` and `out_pitch`
 * bytes apart. */
#define XQ_FAMILY lut
#define XQ_PARAMS(U, I, F) U(in) U(out) U(table) U(rows) U(count) U(in_pitch) U(out_pitch)
#include "family_begin.h"
