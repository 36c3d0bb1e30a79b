/* SPDX-License-Identifier: Apache-2.0 */
/* cast: elements in another type. Integers lose their upper bits; floats are truncated toward zero and
 * saturate, NaN becomes the largest integer. Anything but 0 is true. float16 by rounding to nearest, ties to
 * even. */
#define XQ_FAMILY cast
#define XQ_PARAMS(U, I, F) U(in) U(out) U(from) U(to) U(count)
#define XQ_ENUMS(E) E(type, FLOAT32, FLOAT16, INT64, INT32, INT16, INT8 /* stored as q + 128 */, UINT8, \
  BOOL /* stored as 0 or 1 */)
#include "family_begin.h"

static inline uint32_t xq_cast_bytes(uint32_t type) {
  static const uint8_t sizes[] = {[FLOAT32] = 4,
      [FLOAT16] = 2,
      [INT64] = 8,
      [INT32] = 4,
      [INT16] = 2,
      [INT8] = 1,
      [UINT8] = 1,
      [BOOL] = 1};
  return sizes[type];
}
