/* SPDX-License-Identifier: Apache-2.0 */
/* add on AVX-512 with VNNI and VBMI, by dot products or by a table. */
#pragma once
#include "binary/add_loop.h"
#include "math/clamp.h"
#include "simd/vnni.h"
#include "simd/table.h"

/* A lane holds (a - 128) 2^8 and (b - 128) 2^8 as signed 16-bit numbers, which vpdpwssd multiplies with
 * ma >> 8 and mb >> 8, vpdpbusd with their lower bytes. This gives the exact sum with the zero point. */
#define DOT_WORDS(acc, a, w) __asm__("vpdpwssd %2, %1, %0" : "+v"(acc) : "v"(a), "v"(w))

struct adder {
  enum { DOTS, FIRST, SECOND } way; /* FIRST, SECOND: whose multiplier is 2^shift */
  __m512i offset, upper, lower, shift;
  struct xq_table table;
  __m512i less;
};

static inline int dots_make(struct adder *to, const struct xq_binary_params *p) {
  const int64_t ma = p->ma, mb = p->mb,
                offset = p->offset + 128 * (ma + mb) + ((int64_t)p->zero_point << p->shift);
  const int64_t reach = 128 * ((ma < 0 ? -ma : ma) + (mb < 0 ? -mb : mb)) + (offset < 0 ? -offset : offset);
  if (reach > INT32_MAX || ma >> 8 != (int16_t)(ma >> 8) || mb >> 8 != (int16_t)(mb >> 8)) return 0;
  to->upper = _mm512_set1_epi32((int32_t)((uint32_t)(ma >> 8 & 0xffff) | (uint32_t)(mb >> 8) << 16));
  to->lower = _mm512_set1_epi32((int32_t)((uint32_t)(ma & 255) << 8 | (uint32_t)(mb & 255) << 24));
  to->offset = _mm512_set1_epi32((int32_t)offset), to->shift = _mm512_set1_epi32((int32_t)p->shift);
  return 1;
}

static inline __m512i dots_sum(const struct adder *k, __m512i operands) {
  __m512i sum = k->offset;
  DOT_WORDS(sum, operands, k->upper);
  DOT(sum, k->lower, operands);
  return _mm512_srav_epi32(sum, k->shift);
}

/* Adds 32 pairs of signed bytes to 16-bit lanes. */
static inline __m512i dots_pairs(const struct adder *k, __m512i pairs) {
  const __m512i none = _mm512_setzero_si512();
  return _mm512_packs_epi32(
      dots_sum(k, _mm512_unpacklo_epi8(none, pairs)), dots_sum(k, _mm512_unpackhi_epi8(none, pairs)));
}

static inline __m512i dots_add(const struct adder *k, __m512i a, __m512i b) {
  const __m512i flip = _mm512_set1_epi8(-128), x = _mm512_xor_si512(a, flip), y = _mm512_xor_si512(b, flip);
  return _mm512_packus_epi16(
      dots_pairs(k, _mm512_unpacklo_epi8(x, y)), dots_pairs(k, _mm512_unpackhi_epi8(x, y)));
}

/* Where one multiplier is 2^shift, the sum is clamp(x + table[y] - less). The results of the table must fit a
 * byte, as they do if the other multiplier is not greater. */
static inline int unit_make(struct adder *to, const struct xq_binary_params *p, int32_t multiplier) {
  int32_t results[256], min = 0, max = -255;
  uint8_t table[256];
  for (int32_t y = 0; y < 256; y++)
    results[y] = xq_clamp(((multiplier * y + p->offset) >> p->shift) + p->zero_point, -255, 255);
  for (int32_t y = 0; y < 256; y++)
    min = results[y] < min ? results[y] : min, max = results[y] > max ? results[y] : max;
  if (max - min > 255) return 0;
  for (int32_t y = 0; y < 256; y++) table[y] = (uint8_t)(results[y] - min);
  to->table = xq_load_table(table);
  to->less = _mm512_set1_epi8((char)-min);
  return 1;
}

static inline __m512i unit_add(const struct adder *k, __m512i x, __m512i y) {
  const __m512i other = xq_look_up(&k->table, y);
  return _mm512_adds_epu8(
      _mm512_subs_epu8(x, k->less), _mm512_subs_epu8(other, _mm512_subs_epu8(k->less, x)));
}

static inline int adder_make(struct adder *to, const struct xq_binary_params *p) {
  const int64_t one = (int64_t)1 << p->shift;
  to->way = p->ma == one && unit_make(to, p, p->mb)   ? FIRST
            : p->mb == one && unit_make(to, p, p->ma) ? SECOND
                                                      : DOTS;
  return to->way != DOTS || dots_make(to, p);
}

static void add_vectors(const struct xq_binary_params *p, const struct adder *adder, const uint8_t *a,
    const uint8_t *b, uint8_t *out, uint32_t n) {
  const struct adder k = *adder;
  if (k.way == DOTS) add_all(p, &k, dots_add, a, b, out, n);
  else add_all(p, &k, unit_add, k.way == FIRST ? a : b, k.way == FIRST ? b : a, out, n);
}
