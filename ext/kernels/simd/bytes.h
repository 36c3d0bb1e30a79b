/* SPDX-License-Identifier: Apache-2.0 */
/* XQ_BYTES bytes, 32 or 64, as one value, for the rows that compute on bytes in 16-bit lanes. Unpacking and packing stay within 128 bits of a register, so that
 * packing puts in order again what unpacking took apart. Reads go up to XQ_BYTES - 1 beyond the last byte: into the slack. */
#include <immintrin.h>
#include <string.h>

#define XQ_BYTES (4 * XQ_LANES)

#if XQ_BYTES == 64
typedef __m512i xq_bytes;
typedef __m512 xq_floats;
#define XQ_V(name) _mm512_##name
#define XQ_WHOLE(name) _mm512_##name##_si512
#else
typedef __m256i xq_bytes;
typedef __m256 xq_floats;
#define XQ_V(name) _mm256_##name
#define XQ_WHOLE(name) _mm256_##name##_si256
#endif

static inline xq_bytes xq_load_bytes(const uint8_t *from) { return XQ_WHOLE(loadu)((const xq_bytes *)from); }

/* A shift to the right, with the sign, of 16-bit lanes by a count that is the same for all; AVX-512 is quicker with one count for each. */
#if XQ_BYTES == 64
typedef __m512i xq_count;
static inline xq_count xq_count_of(uint32_t count) { return _mm512_set1_epi16((int16_t)count); }
static inline xq_bytes xq_shift(xq_bytes x, xq_count count) { return _mm512_srav_epi16(x, count); }
#else
typedef __m128i xq_count;
static inline xq_count xq_count_of(uint32_t count) { return _mm_cvtsi32_si128((int32_t)count); }
static inline xq_bytes xq_shift(xq_bytes x, xq_count count) { return _mm256_sra_epi16(x, count); }
#endif

/* The first n of x, or all when n is greater. */
static inline void xq_store_bytes(uint8_t *to, xq_bytes x, uint32_t n) {
  uint8_t block[XQ_BYTES];
  if (n >= XQ_BYTES) {
    XQ_WHOLE(storeu)((xq_bytes *)to, x);
    return;
  }
  XQ_WHOLE(storeu)((xq_bytes *)block, x);
  memcpy(to, block, n);
}

/* A zero point in 16-bit lanes, the clamp in bytes. */
struct xq_output {
  xq_bytes zero, low, high;
};
#define XQ_OUTPUT(p) \
  { XQ_V(set1_epi16)((int16_t)(p)->zero_point), XQ_V(set1_epi8)((char)(p)->low), XQ_V(set1_epi8)((char)(p)->high) }

/* Results of two unpacked halves, 16-bit lanes without their zero point, as bytes. What saturates on the way is beyond the clamp. */
static inline xq_bytes xq_finish(xq_bytes first, xq_bytes second, const struct xq_output *o) {
  const xq_bytes bytes = XQ_V(packus_epi16)(XQ_V(adds_epi16)(first, o->zero), XQ_V(adds_epi16)(second, o->zero));
  return XQ_V(min_epu8)(XQ_V(max_epu8)(bytes, o->low), o->high);
}
