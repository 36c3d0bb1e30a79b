/* SPDX-License-Identifier: Apache-2.0 */
/* add and mul on XQ_BYTES bytes at a time, for the parameters that nearly all layers have; 0 for others. */
#include "bytes.h"

/* add: (ma a + mb b + offset) >> shift in 16-bit lanes. The multipliers are taken apart into three digits of 7 bits, ma = sum da[i] 128^i, likewise mb and the
 * offset; then nested sums of products of 16 bits give the same: floor(... / 128) twice, and a shift by what is left. The operands are signed, a - 128 and
 * b - 128, or 127 - b where a multiplier is negative; the difference moves to the offset. No sum leaves 16 bits: each of two products is within 128 * 127, and
 * the carry within 256. Only the last sum saturates, where the result is beyond 255 after the shift. */
struct adder {
  xq_bytes digits[3], offsets[3], flip_a, flip_b;
  __m128i shift;
  struct xq_output output;
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
  to->shift = _mm_cvtsi32_si128((int32_t)p->shift - 14);
  to->output = (struct xq_output)XQ_OUTPUT(p);
  return 1;
}

/* Of pairs of operands, in 16-bit lanes. */
static inline xq_bytes add_pairs(const struct adder *k, xq_bytes pairs) {
  xq_bytes sum = XQ_V(add_epi16)(XQ_V(maddubs_epi16)(k->digits[0], pairs), k->offsets[0]);
  sum = XQ_V(add_epi16)(XQ_V(srai_epi16)(sum, 7), XQ_V(add_epi16)(XQ_V(maddubs_epi16)(k->digits[1], pairs), k->offsets[1]));
  sum = XQ_V(add_epi16)(XQ_V(srai_epi16)(sum, 7), XQ_V(maddubs_epi16)(k->digits[2], pairs));
  return XQ_V(sra_epi16)(XQ_V(adds_epi16)(sum, k->offsets[2]), k->shift);
}

static int add_vectors(const struct xq_binary_params *p, const uint8_t *a, const uint8_t *b, uint8_t *out, uint32_t n) {
  struct adder k;
  if (!adder_make(&k, p)) return 0;
  for (uint32_t i = 0; i < n; i += XQ_BYTES) {
    const xq_bytes x = XQ_WHOLE(xor)(xq_load_bytes(a + i), k.flip_a), y = XQ_WHOLE(xor)(xq_load_bytes(b + i), k.flip_b);
    const xq_bytes first = add_pairs(&k, XQ_V(unpacklo_epi8)(x, y)), second = add_pairs(&k, XQ_V(unpackhi_epi8)(x, y));
    xq_store_bytes(out + i, xq_finish(first, second, &k.output), n - i);
  }
  return 1;
}

/* mul: products of 17 bits, as floats times the scale, to 16 bits. */
struct multiplier {
  xq_bytes za, zb;
  xq_floats scale;
  struct xq_output output;
};

static inline xq_bytes scaled(const struct multiplier *k, xq_bytes product) {
  return XQ_V(cvtps_epi32)(XQ_V(mul_ps)(XQ_V(cvtepi32_ps)(product), k->scale));
}

/* Of operands in 16-bit lanes. */
static inline xq_bytes multiply(const struct multiplier *k, xq_bytes a, xq_bytes b) {
  const xq_bytes x = XQ_V(sub_epi16)(a, k->za), y = XQ_V(sub_epi16)(b, k->zb);
  const xq_bytes low = XQ_V(mullo_epi16)(x, y), high = XQ_V(mulhi_epi16)(x, y);
  return XQ_V(packs_epi32)(scaled(k, XQ_V(unpacklo_epi16)(low, high)), scaled(k, XQ_V(unpackhi_epi16)(low, high)));
}

static int mul_vectors(const struct xq_binary_params *p, const uint8_t *a, const uint8_t *b, uint8_t *out, uint32_t n) {
  const struct multiplier k = {XQ_V(set1_epi16)((int16_t)p->za), XQ_V(set1_epi16)((int16_t)p->zb), XQ_V(set1_ps)(p->scale), XQ_OUTPUT(p)};
  const xq_bytes none = XQ_V(set1_epi8)(0);
  if (!(fabsf(p->scale) < 32768)) return 0; /* scaled products may leave int32 */
  for (uint32_t i = 0; i < n; i += XQ_BYTES) {
    const xq_bytes x = xq_load_bytes(a + i), y = xq_load_bytes(b + i);
    const xq_bytes first = multiply(&k, XQ_V(unpacklo_epi8)(x, none), XQ_V(unpacklo_epi8)(y, none));
    const xq_bytes second = multiply(&k, XQ_V(unpackhi_epi8)(x, none), XQ_V(unpackhi_epi8)(y, none));
    xq_store_bytes(out + i, xq_finish(first, second, &k.output), n - i);
  }
  return 1;
}
