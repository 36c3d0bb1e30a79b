/* SPDX-License-Identifier: Apache-2.0 */
/* Adds XQ_BYTES elements at a time by an `adder`, which add_vnni.h and add_digits.h define. */
#pragma once
#include "binary/family.h"
#include "simd/vector.h"

struct adder;
typedef V(int) add_fn(const struct adder *, V(int), V(int));

/* Adds n elements. `clamped` says that the clamp is narrower than a byte. */
XQ_INLINE void add_loop(const struct xq_binary_params *p, const struct adder *k, add_fn *add,
    const uint8_t *a, const uint8_t *b, uint8_t *out, uint32_t n, const int clamped) {
  const V(int) low = V(splat8)(p->low), high = V(splat8)(p->high);
  for (uint32_t i = 0; i < n; i += XQ_BYTES) {
    const V(int) sum = add(k, V(load_int)(a + i), V(load_int)(b + i));
    V(store_bytes)(out + i, clamped ? V(min8u)(V(max8u)(sum, low), high) : sum, n - i);
  }
}

XQ_INLINE void add_all(const struct xq_binary_params *p, const struct adder *k, add_fn *add, const uint8_t *a,
    const uint8_t *b, uint8_t *out, uint32_t n) {
  if (p->low > 0 || p->high < 255) add_loop(p, k, add, a, b, out, n, 1);
  else add_loop(p, k, add, a, b, out, n, 0);
}
