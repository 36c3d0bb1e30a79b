/* SPDX-License-Identifier: Apache-2.0 */
/* Included for each width: sums of int32 become bytes. */

/* A zero point in 16-bit lanes, and between which bytes results are clamped. */
struct V(range) {
  V(int) zero_point, low, high;
};

static inline struct V(range) V(range_of)(int32_t zero_point, int32_t low, int32_t high) {
  return (struct V(range)){V(splat16)(zero_point), V(splat8)(low), V(splat8)(high)};
}

XQ_INLINE V(int) V(rescale)(V(int) acc, V(f32) scale) { return V(round)(V(to_f32)(acc) * scale); }

/* Two vectors of 16-bit lanes as bytes within the range. What saturates on the way is beyond it. */
XQ_INLINE V(int) V(narrow)(const struct V(range) *r, V(int) first, V(int) second) {
  return V(min8u)(V(max8u)(V(pack16u)(first, second), r->low), r->high);
}

/* Two vectors of 16-bit lanes, to which the zero point is added, as bytes. */
XQ_INLINE V(int) V(finish16)(const struct V(range) *r, V(int) a, V(int) b) {
  const V(int) first = V(add16s)(a, r->zero_point), second = V(add16s)(b, r->zero_point);
  return V(narrow)(r, first, second);
}

/* Four rescaled vectors, to which the zero point is added, as bytes: in each 128 bits four bytes of each of them. */
XQ_INLINE V(int) V(finish32)(const struct V(range) *r, const V(int) x[4]) {
  const V(int) first = V(add16s)(V(pack32s)(x[0], x[1]), r->zero_point), second = V(add16s)(V(pack32s)(x[2], x[3]), r->zero_point);
  return V(narrow)(r, first, second);
}
