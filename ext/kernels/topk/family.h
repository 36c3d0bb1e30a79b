/* SPDX-License-Identifier: Apache-2.0 */
/* topk of a tensor of bytes, float32, int32 or int64 over its last dimension: the k largest of `count`
 * elements in descending order, of equal ones the first ones first, and their indices as int32. A tile is one
 * row. */
#define XQ_FAMILY topk
#define XQ_PARAMS(U, I, F) U(in) U(type) U(values) U(indices) U(outer) U(count) U(k)
#define XQ_ENUMS(E) E(type, BYTES, FLOAT32, INT32, INT64)
#include "family_begin.h"
