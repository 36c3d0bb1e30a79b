/* SPDX-License-Identifier: Apache-2.0 */
#include "cast/family.h"
#include "drivers/elementwise.h"

static inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof(bits));
  return bits;
}

static inline float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof(x));
  return x;
}

static inline float from_half(uint16_t half) {
  const uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = (uint32_t)(half & 0x7fff) << 13;
  /* moves the exponent's bias, of numbers below the normal ones too */
  const float scaled = float_of(rest) * 0x1p112f;
  return float_of(sign | ((half & 0x7c00) == 0x7c00 ? rest | 0x7f800000 : bits_of(scaled)));
}

static inline uint16_t to_half(float x) {
  const uint32_t sign = bits_of(x) >> 16 & 0x8000, rest = bits_of(x) & 0x7fffffff;
  const uint32_t normal = (rest - 0x38000000 + 0xfff + (rest >> 13 & 1)) >> 13;
  const uint32_t small = bits_of(float_of(rest) + 0.5f) - 0x3f000000; /* the sum rounds to units of 2^-24 */
  const uint32_t large = rest > 0x7f800000 ? 0x7e00 | (rest >> 13 & 0x1ff) : 0x7c00;
  return (uint16_t)(sign | (rest < 0x38800000 ? small : rest < 0x477ff000 ? normal : large));
}

/* The largest integers as floats are rounded up to powers of two: what is below is held. */
static inline int32_t truncate(float x, int32_t low, int32_t high) {
  return x < (float)high ? x > (float)low ? (int32_t)x : low : high;
}
static inline int64_t truncate_wide(float x) {
  return x < 0x1p63f ? x > -0x1p63f ? (int64_t)x : INT64_MIN : INT64_MAX;
}

/* The loop to one type: y from x. */
#define TO(name, type, X, read, y) \
  case name: \
    for (uint32_t i = 0; i < n; i++) { \
      const X x = (X)read(in[i]); \
      ((type *)out)[i] = (type)(y); \
    } \
    break;

/* The loops from one type to all: T its elements, X the numbers that `read` makes of them, which `whole`
 * (between bounds) and `wide` make int32 and int64. */
#define FROM(name, T, X, read, whole, wide) \
  static void from_##name(uint32_t to, const T *in, void *restrict out, uint32_t n) { \
    switch (to) { \
      TO(FLOAT32, float, X, read, x) \
      TO(FLOAT16, uint16_t, X, read, to_half((float)x)) \
      TO(INT64, int64_t, X, read, wide(x)) \
      TO(INT32, int32_t, X, read, whole(x, INT32_MIN, INT32_MAX)) \
      TO(INT16, int16_t, X, read, whole(x, INT16_MIN, INT16_MAX)) \
      TO(INT8, uint8_t, X, read, whole(x, INT8_MIN, INT8_MAX) ^ 128) \
      TO(UINT8, uint8_t, X, read, whole(x, 0, UINT8_MAX)) \
      TO(BOOL, uint8_t, X, read, x != 0) \
    } \
  }
#define SIGNED(q) ((int32_t)(q)-128)
#define LOW(x, low, high) (int32_t)(x)
FROM(FLOAT32, float, float, , truncate, truncate_wide)
FROM(FLOAT16, uint16_t, float, from_half, truncate, truncate_wide)
FROM(INT64, int64_t, int64_t, , LOW, (int64_t))
FROM(INT32, int32_t, int32_t, , LOW, (int64_t))
FROM(INT16, int16_t, int32_t, , LOW, (int64_t))
FROM(INT8, uint8_t, int32_t, SIGNED, LOW, (int64_t))
FROM(UINT8, uint8_t, int32_t, , LOW, (int64_t))

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_cast_params *p = params;
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t first = t * XQ_CHUNK, n = xq_chunk_end(first, p->count) - first;
    const void *in = xq_at(plan, p->in) + (size_t)first * xq_cast_bytes(p->from);
    void *out = xq_at(plan, p->out) + (size_t)first * xq_cast_bytes(p->to);
    switch (p->from) {
    case FLOAT32: from_FLOAT32(p->to, in, out, n); break;
    case FLOAT16: from_FLOAT16(p->to, in, out, n); break;
    case INT64: from_INT64(p->to, in, out, n); break;
    case INT32: from_INT32(p->to, in, out, n); break;
    case INT16: from_INT16(p->to, in, out, n); break;
    case INT8: from_INT8(p->to, in, out, n); break;
    default: from_UINT8(p->to, in, out, n); /* a bool too */
    }
  }
}
