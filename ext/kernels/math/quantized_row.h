/* SPDX-License-Identifier: Apache-2.0 */
/* The quantization that `dynamic` finds: value = scale * (byte - zero_point). */
#pragma once
#include <stdint.h>

struct xq_quantized_row {
  float scale;
  int32_t zero_point;
};
