/* SPDX-License-Identifier: Apache-2.0 */
/* topk of a tensor of bytes, float32, int32 or int64 (type 0 .. 3) over its last dimension: the k greatest of `count` elements in descending order, of
 * equal ones the first ones first, and their indices as int32. A tile is one row. */
#define XQ_FAMILY topk
#define XQ_PARAMS(U, I, F) U(in) U(type) U(values) U(indices) U(outer) U(count) U(k)
#include "family_begin.h"
