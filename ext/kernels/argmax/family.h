/* SPDX-License-Identifier: Apache-2.0 */
/* argmax over the last dimension of an 8-bit tensor: index of the first greatest element as int32 (index_bytes = 4) or int64 (8). A tile is 64 results. */
#define XQ_FAMILY argmax
#define XQ_PARAMS(U, I, F) U(in) U(out) U(outer) U(count) U(index_bytes)
#include "family_begin.h"
