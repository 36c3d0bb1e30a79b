/* SPDX-License-Identifier: Apache-2.0 */
/* add: (ma a + mb b + offset) >> shift in 16-bit lanes. The multipliers are taken apart into three digits of 7 bits, ma = sum da[i] 128^i, likewise mb and the
 * offset; then nested sums of products of 16 bits give the same: floor(... / 128) twice, and a shift by what is left. The operands are signed, a - 128 and
 * b - 128, or 127 - b where a multiplier is negative; the difference moves to the offset. No sum leaves 16 bits: each of two products is within 128 * 127, and
 * the carry within 256. Only the last sum saturates, where the result is beyond 255 after the shift. */
struct adder {
  xq_bytes digits[3], offsets[3], flip_a, flip_b;
  xq_count shift;
  xq_bytes zero;
};

/* What a sum has in addition when a * multiplier becomes (a ^ flip) * |multiplier|. */
static inline int64_t signed_operand(int32_t multiplier, uint8_t *flip) {
  *flip = multiplier < 0 ? 127 : 128;
  return (int64_t)multiplier * *flip;
}

static inline int adder_make(struct adder *to, const struct xq_binary_params *p) {
  uint8_t flip_a, flip_b;
  const int64_t offset = p->offset + signed_operand(p->ma, &flip_a) + signed_operand(p->mb, &flip_b);
  const uint32_t ma = (uint32_t)(p->ma < 0 ? -p->ma : p->ma), mb = (uint32_t)(p->mb < 0 ? -p->mb : p->mb);
  if (ma >> 21 || mb >> 21 || p->shift < 14 || p->shift > 21 || offset >> 14 != (int16_t)(offset >> 14)) return 0;
  for (int i = 0; i < 3; i++) {
    to->digits[i] = XQ_V(set1_epi16)((int16_t)((ma >> 7 * i & 127) | (mb >> 7 * i & 127) << 8));
    to->offsets[i] = XQ_V(set1_epi16)((int16_t)(i < 2 ? offset >> 7 * i & 127 : offset >> 14));
  }
  to->flip_a = XQ_V(set1_epi8)((char)flip_a), to->flip_b = XQ_V(set1_epi8)((char)flip_b);
  to->shift = xq_count_of(p->shift - 14), to->zero = XQ_V(set1_epi16)((int16_t)p->zero_point);
  return 1;
}

/* Of pairs of operands, in 16-bit lanes. */
static inline xq_bytes add_pairs(const struct adder *k, xq_bytes pairs) {
  xq_bytes sum = XQ_V(add_epi16)(XQ_V(maddubs_epi16)(k->digits[0], pairs), k->offsets[0]);
  sum = XQ_V(add_epi16)(XQ_V(srai_epi16)(sum, 7), XQ_V(add_epi16)(XQ_V(maddubs_epi16)(k->digits[1], pairs), k->offsets[1]));
  sum = XQ_V(add_epi16)(XQ_V(srai_epi16)(sum, 7), XQ_V(maddubs_epi16)(k->digits[2], pairs));
  return XQ_V(adds_epi16)(xq_shift(XQ_V(adds_epi16)(sum, k->offsets[2]), k->shift), k->zero);
}

static inline xq_bytes digits_add(const struct adder *k, xq_bytes a, xq_bytes b) {
  const xq_bytes x = XQ_WHOLE(xor)(a, k->flip_a), y = XQ_WHOLE(xor)(b, k->flip_b);
  return XQ_V(packus_epi16)(add_pairs(k, XQ_V(unpacklo_epi8)(x, y)), add_pairs(k, XQ_V(unpackhi_epi8)(x, y)));
}

static void add_vectors(const struct xq_binary_params *p, const struct adder *adder, const uint8_t *a, const uint8_t *b, uint8_t *out, uint32_t n) {
  const struct adder k = *adder;
  add_all(p, &k, digits_add, a, b, out, n);
}
