/* SPDX-License-Identifier: Apache-2.0 */
/* Exponentials of float32 in plain arithmetic, which vectorizes and gives the same bits everywhere.
 *
 * x = n ln 2 + r with n an integer and |r| <= ln 2 / 2, so exp(x) = 2^n (1 + p) with p = exp(r) - 1 from its
 * Taylor series, whose rest is below r^8 / 8!. The error is below 2 units in the last place. */
#pragma once
#include <stdint.h>
#include <string.h>

#include "math/clamp.h"

struct xq_power {
  float p, half, rest; /* half * rest = 2^n: each alone never over- or underflows */
};

/* 2^n for -126 <= n <= 127 */
static inline float xq_exp2i(int32_t n) {
  uint32_t bits = (uint32_t)(n + 127) << 23;
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

static inline struct xq_power xq_power_of(float x) {
  /* 1.5 * 2^23: adding it rounds to an integer, which its last bits then hold */
  const float magic = 12582912.0f;
  const float bounded = xq_clampf(x, -104.0f, 89.0f); /* results are 0 and infinity beyond */
  const float shifted = bounded * 1.44269504f + magic, whole = shifted - magic;
  /* ln 2 in two parts; the first product is exact */
  const float r = (bounded - whole * 0.693359375f) - whole * -2.12194440e-4f;
  float q = 1.0f / 5040;
  q = q * r + 1.0f / 720;
  q = q * r + 1.0f / 120;
  q = q * r + 1.0f / 24;
  q = q * r + 1.0f / 6;
  q = q * r + 0.5f;
  int32_t n;
  memcpy(&n, &shifted, sizeof(n));
  n -= 0x4b400000; /* the bits of magic */
  return (struct xq_power){r + r * r * q, xq_exp2i(n >> 1), xq_exp2i(n - (n >> 1))};
}

static inline float xq_exp(float x) {
  const struct xq_power e = xq_power_of(x);
  return (1.0f + e.p) * e.half * e.rest;
}

/* exp(x) - 1 for x <= 88, exact to the last places near 0. */
static inline float xq_expm1(float x) {
  const struct xq_power e = xq_power_of(x);
  const float power = e.half * e.rest;
  return power * e.p + (power - 1.0f);
}

static inline float xq_logistic(float x) { return 1.0f / (1.0f + xq_exp(-x)); }

static inline float xq_tanh(float x) {
  const float e = xq_expm1(-2.0f * (x < 0 ? -x : x)), t = -e / (e + 2.0f);
  return x < 0 ? -t : t;
}
