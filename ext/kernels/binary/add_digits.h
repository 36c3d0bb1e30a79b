/* SPDX-License-Identifier: Apache-2.0 */
/* add: (ma a + mb b + offset) >> shift in 16-bit lanes. The multipliers and the offset become three digits of
 * 7 bits, ma = sum da[i] 128^i; each digit's sum is shifted by 7 and added to the next one's, the last is
 * shifted by the rest. Operands are signed, a - 128, or 127 - a where a multiplier is negative; the
 * difference moves to the offset. Two products of at most 128 * 127 and a carry of at most 256 fit 16 bits.
 * Only the last sum saturates, where the shifted result is above 255. */
#pragma once
#include "binary/add_loop.h"

struct adder {
  V(int) digits[3], offsets[3], flip_a, flip_b;
  V(count) shift;
  V(int) zero;
};

/* Returns what the offset gains when a * multiplier becomes (a ^ flip) * |multiplier|. */
static inline int64_t signed_operand(int32_t multiplier, uint8_t *flip) {
  *flip = multiplier < 0 ? 127 : 128;
  return (int64_t)multiplier * *flip;
}

static inline int adder_make(struct adder *to, const struct xq_binary_params *p) {
  uint8_t flip_a, flip_b;
  const int64_t offset = p->offset + signed_operand(p->ma, &flip_a) + signed_operand(p->mb, &flip_b);
  const uint32_t ma = (uint32_t)(p->ma < 0 ? -p->ma : p->ma), mb = (uint32_t)(p->mb < 0 ? -p->mb : p->mb);
  if (ma >> 21 || mb >> 21 || p->shift < 14 || p->shift > 21 || offset >> 14 != (int16_t)(offset >> 14))
    return 0;
  for (int i = 0; i < 3; i++) {
    to->digits[i] = V(splat16)(((ma >> 7 * i & 127) | (mb >> 7 * i & 127) << 8));
    to->offsets[i] = V(splat16)((i < 2 ? offset >> 7 * i & 127 : offset >> 14));
  }
  to->flip_a = V(splat8)(flip_a), to->flip_b = V(splat8)(flip_b);
  to->shift = V(count_of)(p->shift - 14), to->zero = V(splat16)(p->zero_point);
  return 1;
}

/* Adds pairs of operands to 16-bit lanes. */
static inline V(int) add_pairs(const struct adder *k, V(int) pairs) {
  V(int) sum = V(add16)(V(dot8)(k->digits[0], pairs), k->offsets[0]);
  sum = V(add16)(V(shift16_by)(sum, 7), V(add16)(V(dot8)(k->digits[1], pairs), k->offsets[1]));
  sum = V(add16)(V(shift16_by)(sum, 7), V(dot8)(k->digits[2], pairs));
  return V(add16s)(V(shift16)(V(add16s)(sum, k->offsets[2]), k->shift), k->zero);
}

static inline V(int) digits_add(const struct adder *k, V(int) a, V(int) b) {
  const V(int) x = V(xor)(a, k->flip_a), y = V(xor)(b, k->flip_b);
  return V(pack16u)(add_pairs(k, V(low8)(x, y)), add_pairs(k, V(high8)(x, y)));
}

static void add_vectors(const struct xq_binary_params *p, const struct adder *adder, const uint8_t *a,
    const uint8_t *b, uint8_t *out, uint32_t n) {
  const struct adder k = *adder;
  add_all(p, &k, digits_add, a, b, out, n);
}
