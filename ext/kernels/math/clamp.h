/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include <math.h>
#include <stdint.h>

static inline int32_t xq_clamp(int32_t x, int32_t low, int32_t high) {
  return x < low ? low : x > high ? high : x;
}
static inline float xq_clampf(float x, float low, float high) { return x < low ? low : x > high ? high : x; }

/* Rounds acc * scale to the nearest integer, of two to the even one, adds the zero point and clamps. */
static inline uint8_t xq_requantize(int32_t acc, float scale, int32_t zero_point, int32_t low, int32_t high) {
  const float real = xq_clampf((float)acc * scale, (float)(low - zero_point), (float)(high - zero_point));
  return (uint8_t)((int32_t)rintf(real) + zero_point);
}
