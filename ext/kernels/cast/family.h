/* SPDX-License-Identifier: Apache-2.0 */
/* cast: elements in another type. Integers lose their upper bits; floats are truncated toward zero and saturate, NaN becomes the greatest integer. Anything but
 * 0 is true. float16 by rounding to nearest, ties to even. */
#define XQ_FAMILY cast
#define XQ_PARAMS(U, I, F) U(in) U(out) U(from) U(to) U(count)
#include "family_begin.h"

/* The types, by number: X(name, bytes). An int8 is stored as q + 128, a bool as 0 or 1. */
#define CAST_TYPES(X) X(FLOAT32, 4) X(FLOAT16, 2) X(INT64, 8) X(INT32, 4) X(INT16, 2) X(INT8, 1) X(UINT8, 1) X(BOOL, 1)
#define CAST_NAME(name, bytes) CAST_##name,
enum cast_type { CAST_TYPES(CAST_NAME) CAST_COUNT };

static inline uint32_t xq_cast_bytes(uint32_t type) {
#define CAST_BYTES(name, bytes) bytes,
  static const uint8_t sizes[] = {CAST_TYPES(CAST_BYTES)};
  return sizes[type];
}
