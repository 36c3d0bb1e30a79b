/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by both methods of avx512vnni.c: blocks of channels, and rows that are cut into parts. */
#pragma once
#include "dwconv/driver.h"
#include "simd/vector.h"
#include "simd/vnni.h"

struct block { /* the channels [c, c + width) of a node */
  const int32_t *bias;
  const float *scale;
  const uint8_t *weights;                   /* [vector][tap][row] */
  const uint32_t *residual, *residual_taps; /* number of residual weights of each vector; their taps */
  const uint8_t *residual_weights;          /* [residual][row] */
  uint32_t c, whole;                        /* all parts have `whole` pixels with all channels */
};

/* The output rows of a tile, of which `pixels` pixels from `first` on are cut into parts. */
struct rows {
  const struct depthwise_line *l;
  struct dwconv_taps taps;
  size_t down; /* bytes from the first row to the second */
  uint32_t first, pixels, part;
  __m512i zero_point, low, high;
  int wraps; /* packing to bytes is the only clamp */
};

/* An input row of part 0, its step to the next column, and the distance to the next part; both are 0 where
 * the row is padding. */
struct source {
  const uint8_t *at;
  ptrdiff_t step, far;
};

/* Gives input row `row` of a tile from column x of the image on. */
XQ_INLINE struct source source_of(const struct rows *s, uint32_t row, int32_t x, uint32_t c) {
  const struct depthwise_line *l = s->l;
  const struct xq_dwconv_params *p = l->p;
  const int32_t y = l->y + (int32_t)(row * p->dilation_h);
  if (y < 0 || y >= (int32_t)p->in_h || row >= s->taps.needed) return (struct source){l->zero + c, 0, 0};
  const ptrdiff_t pixel = p->in_pixel;
  return (struct source){
      l->image + ((ptrdiff_t)y * p->in_w + x) * pixel + c, pixel, (ptrdiff_t)s->part * p->stride_w * pixel};
}

/* Loads a vector of all parts. */
XQ_INLINE __m512i load_parts(const uint32_t width, const uint8_t *part[4]) {
  if (width == 64) return _mm512_loadu_si512(part[0]);
  if (width == 32) {
    const __m512i all = _mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)part[0]));
    return _mm512_mask_broadcast_i64x4(all, 0xf0, _mm256_loadu_si256((const __m256i *)part[1]));
  }
  __m512i all = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)part[0]));
  all = _mm512_mask_broadcast_i32x4(all, 0xf0, _mm_loadu_si128((const __m128i *)part[1]));
  all = _mm512_mask_broadcast_i32x4(all, 0xf00, _mm_loadu_si128((const __m128i *)part[2]));
  return _mm512_mask_broadcast_i32x4(all, 0xf000, _mm_loadu_si128((const __m128i *)part[3]));
}

XQ_INLINE __m512i load_inside(const uint32_t width, const uint8_t *at, ptrdiff_t far) {
  return load_parts(width, (const uint8_t *[4]){at, at + far, at + 2 * far, at + 3 * far});
}

/* Lane (4 L + j) of quads[q] gets the four bytes at 16 L + 4 q + j. */
XQ_INLINE void interleave(__m512i r0, __m512i r1, __m512i r2, __m512i r3, __m512i quads[4]) {
  const __m512i low01 = _mm512_unpacklo_epi8(r0, r1), high01 = _mm512_unpackhi_epi8(r0, r1);
  const __m512i low23 = _mm512_unpacklo_epi8(r2, r3), high23 = _mm512_unpackhi_epi8(r2, r3);
  quads[0] = _mm512_unpacklo_epi16(low01, low23);
  quads[1] = _mm512_unpackhi_epi16(low01, low23);
  quads[2] = _mm512_unpacklo_epi16(high01, high23);
  quads[3] = _mm512_unpackhi_epi16(high01, high23);
}

XQ_INLINE __m512i rescale(__m512i sum, __m512 scale) {
  return _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), scale));
}

XQ_INLINE __m512i bytes_of(const struct rows *s, __m512i low, __m512i high) {
  if (s->wraps) return _mm512_packus_epi16(low, high);
  const __m512i bytes =
      _mm512_packus_epi16(_mm512_adds_epi16(low, s->zero_point), _mm512_adds_epi16(high, s->zero_point));
  return _mm512_min_epu8(_mm512_max_epu8(bytes, s->low), s->high);
}

/* Stores pixel `at` of each part, if the row has it, and the channels that there are. */
XQ_INLINE void store_parts(const uint32_t width, const struct rows *s, const struct block *b, __m512i bytes,
    uint32_t at, uint8_t *out) {
  if (width == 64) {
    _mm512_storeu_si512(out, bytes);
    return;
  }
  const size_t far = (size_t)s->part * s->l->p->out_pixel;
  if (at >= b->whole) {
    const uint32_t left = s->l->p->out_c - b->c;
    const __mmask64 mask = ((__mmask64)1 << (left < width ? left : width)) - 1;
#pragma GCC unroll 1
    for (uint32_t i = at; i < s->pixels; i += s->part, out += far) {
      _mm512_mask_storeu_epi8(out, mask, bytes);
      bytes =
          width == 32 ? _mm512_shuffle_i64x2(bytes, bytes, 0xee) : _mm512_shuffle_i64x2(bytes, bytes, 0x39);
    }
  } else if (width == 32) {
    _mm256_storeu_si256((__m256i *)out, _mm512_castsi512_si256(bytes));
    _mm256_storeu_si256((__m256i *)(out + far), _mm512_extracti64x4_epi64(bytes, 1));
  } else {
    _mm_storeu_si128((__m128i *)out, _mm512_castsi512_si128(bytes));
    _mm_storeu_si128((__m128i *)(out + far), _mm512_extracti32x4_epi32(bytes, 1));
    _mm_storeu_si128((__m128i *)(out + 2 * far), _mm512_extracti32x4_epi32(bytes, 2));
    _mm_storeu_si128((__m128i *)(out + 3 * far), _mm512_extracti32x4_epi32(bytes, 3));
  }
}

/* Cuts the pixels [first, first + pixels) into parts for a block. */
static inline void cut(struct rows *s, struct block *b, uint32_t width, uint32_t first, uint32_t pixels) {
  s->first = first, s->pixels = pixels, s->part = (pixels * width + 63) / 64;
  const uint32_t others = (64 / width - 1) * s->part;
  b->whole = s->l->p->out_c - b->c < width || others > pixels ? 0 : pixels - others;
}

/* Reads the block of the channels from c on at `head`; returns where the next one is. */
static const uint8_t *open_block(const struct rows *s, const uint8_t *head, uint32_t c, struct block *b) {
  const size_t taps = s->taps.count, rows = s->taps.rows;
  const uint32_t *residual = ((const struct dwconv_block *)head)->residual;
  const size_t count = (size_t)residual[0] + residual[1] + residual[2] + residual[3];
  b->weights = head + sizeof(struct dwconv_block);
  b->bias = (const int32_t *)(b->weights + 4 * 64 * rows * taps), b->scale = (const float *)(b->bias + 64);
  b->residual = residual, b->residual_taps = (const uint32_t *)(b->scale + 64);
  b->residual_weights = (const uint8_t *)b->residual_taps + (4 * count + 63) / 64 * 64;
  b->c = c;
  return b->residual_weights + count * 64 * rows;
}
