/* SPDX-License-Identifier: Apache-2.0 */
/* What `dynamic` writes beside the values that it rounds, and the kernels on these values read: value = scale
 * * (byte - zero_point). */
#pragma once
#include <stdint.h>

struct xq_quantized_row {
  float scale;
  int32_t zero_point;
};
