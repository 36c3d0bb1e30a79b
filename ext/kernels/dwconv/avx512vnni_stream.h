/* SPDX-License-Identifier: Apache-2.0 */
/* For 3x3 windows with a stride of 1 or 2, and blocks without residual weights: runs along the rows, two
 * pixels at a time, with the interleaved columns in registers. */
#pragma once
#include "dwconv/avx512vnni_rows.h"

/* What does not change along a row. FORGET keeps it out of the registers, which columns need. */
struct stream {
  const struct rows *s;
  const struct block *b;
  struct source row[4];
  const uint8_t *zero;
  uint8_t *edge;      /* 4 vectors for a column that lies outside of the image in some part */
  int32_t width, end; /* from column `end` on a part is outside */
  uint32_t apart;     /* columns from part to part */
};

#define FORGET(pointer) __asm__("" : "+r"(pointer))

struct cursor { /* at column x of the input */
  const uint8_t *r0, *r1, *r2, *r3;
  int32_t x;
};

/* Copies a column that lies outside of the image in some part. */
XQ_INLINE void copy_edge(const uint32_t width, const int rows, const struct stream *w, int32_t x) {
  uint8_t *to = w->edge;
  const ptrdiff_t column = x + (ptrdiff_t)w->s->l->p->pad_left;
#pragma GCC unroll 1
  for (const struct source *row = w->row; row < w->row + rows + 2; row++) {
    const uint8_t *at = row->at + column * row->step;
#pragma GCC unroll 1
    for (int32_t part = x, i = 64 / (int32_t)width; i;
         i--, part += (int32_t)w->apart, at += row->far, to += width)
      memcpy(to, (uint32_t)part < (uint32_t)w->width ? at : w->zero, width);
  }
}

XQ_INLINE void next_column(
    const uint32_t width, const int rows, const struct stream *w, struct cursor *at, __m512i quads[4]) {
  FORGET(w);
  const int inside = at->x >= 0 && at->x < w->end;
  const uint8_t *r0 = at->r0, *r1 = at->r1, *r2 = at->r2, *r3 = at->r3;
  ptrdiff_t f0 = w->row[0].far, f1 = w->row[1].far, f2 = w->row[2].far, f3 = w->row[3].far;
  if (width == 64) {
    r0 = inside ? r0 : w->zero, r1 = inside ? r1 : w->zero, r2 = inside ? r2 : w->zero,
    r3 = inside ? r3 : w->zero;
  } else if (!inside) {
    copy_edge(width, rows, w, at->x);
    r0 = w->edge, r1 = r0 + 64, r2 = r0 + 128, r3 = r0 + 192;
    f0 = f1 = f2 = f3 = width;
  }
  const __m512i v0 = load_inside(width, r0, f0), v1 = load_inside(width, r1, f1),
                v2 = load_inside(width, r2, f2);
  interleave(v0, v1, v2, rows == 2 ? load_inside(width, r3, f3) : _mm512_setzero_si512(), quads);
  at->r0 += w->row[0].step, at->r1 += w->row[1].step, at->r2 += w->row[2].step;
  if (rows == 2) at->r3 += w->row[3].step;
  at->x++;
}

/* Adds column k to vector q of the sums. */
XQ_INLINE void add_column(const int rows, const int pixels, const int stride, const int k, const int q,
    const uint8_t *w, __m512i *const quads[5], __m512i sums[2][2]) {
  XQ_EACH(r, rows) {
    const __m512i weights = _mm512_loadu_si512(w + 64 * r);
    XQ_EACH(i, pixels) DOT(sums[r][i], quads[stride * i + k][q], weights);
  }
}

/* Computes `pixels` neighbours of each row from pixel `at` of each part on. */
XQ_INLINE void stream_pixels(const uint32_t width, const int rows, const int pixels, const int stride,
    const struct stream *w, __m512i *const quads[5], uint32_t at, uint8_t *out) {
  FORGET(w);
  const struct rows *s = w->s;
  const struct block *b = w->b;
  const size_t set = stride == 1 ? 128 : 64, pixel = s->l->p->out_pixel;
  const uint8_t *weights = b->weights; /* then bias and scale */
  FORGET(weights);
  __m512i x[2][2][4];
  XQ_EACH(q, 4) {
    __m512i sums[2][2];
    const __m512i bias = _mm512_loadu_si512(weights + 12 * set + 64 * q);
    const __m512 scale = _mm512_loadu_ps((const float *)(weights + 12 * set + 256 + 64 * q));
    XQ_EACH(r, rows)
      XQ_EACH(i, pixels) sums[r][i] = bias;
    XQ_EACH(k, 3) add_column(rows, pixels, stride, k, q, weights + (q * 3 + k) * set, quads, sums);
    XQ_EACH(r, rows)
      XQ_EACH(i, pixels) {
        x[r][i][q] = rescale(sums[r][i], scale);
        if (q % 2) x[r][i][q / 2] = _mm512_packs_epi32(x[r][i][q - 1], x[r][i][q]);
      }
  }
  XQ_EACH(r, rows)
    XQ_EACH(i, pixels)
      store_parts(width, s, b, bytes_of(s, x[r][i][0], x[r][i][1]), at + (uint32_t)i,
          out + (size_t)i * pixel + r * s->down);
}

XQ_INLINE struct cursor cursor_at(const struct stream *w, uint32_t i) {
  const struct source *row = w->row;
  const ptrdiff_t at = i;
  return (struct cursor){row[0].at + at * row[0].step, row[1].at + at * row[1].step,
      row[2].at + at * row[2].step, row[3].at + at * row[3].step, (int32_t)(i - w->s->l->p->pad_left)};
}

XQ_INLINE void stream_row(const uint32_t width, const int rows, const int stride, const struct stream *w) {
  const size_t pixel = w->s->l->p->out_pixel;
  const uint32_t count = w->s->part;
  uint8_t *out = w->s->l->out + w->b->c;
  __m512i c0[4], c1[4], c2[4], c3[4], c4[4];
  struct cursor cursor = cursor_at(w, 0);
#define COLUMN(quads) next_column(width, rows, w, &cursor, quads)
#define PIXELS(pixels, ...) \
  stream_pixels(width, rows, pixels, stride, w, (__m512i *const[5]){__VA_ARGS__}, at, out)
  uint32_t at = 0;
  if (count > 1) {
    COLUMN(c0);
    if (stride == 1) COLUMN(c1);
    for (;;) { /* four pixels per turn, so that columns stay in their registers */
      if (stride == 2) COLUMN(c1);
      COLUMN(c2);
      COLUMN(c3);
      if (stride == 2) COLUMN(c4);
      PIXELS(2, c0, c1, c2, c3, c4);
      at += 2, out += 2 * pixel;
      if (count - at < 2) break;
      if (stride == 1) {
        COLUMN(c0);
        COLUMN(c1);
        PIXELS(2, c2, c3, c0, c1);
      } else {
        COLUMN(c1);
        COLUMN(c2);
        COLUMN(c3);
        COLUMN(c0);
        PIXELS(2, c4, c1, c2, c3, c0);
      }
      at += 2, out += 2 * pixel;
      if (count - at < 2) break;
    }
  }
  if (at == count) return;
  cursor = cursor_at(w, at * (uint32_t)stride);
  COLUMN(c0);
  COLUMN(c1);
  COLUMN(c2);
  PIXELS(1, c0, c1, c2);
#undef COLUMN
#undef PIXELS
}

#define STREAM(W, R, S) \
  static void stream_##W##_##R##_##S(const struct stream *w) { stream_row(W, R, S, w); }
#define STREAMS(W) STREAM(W, 1, 1) STREAM(W, 2, 1) STREAM(W, 1, 2)
STREAMS(64)
STREAMS(32)
STREAMS(16)
typedef void stream_fn(const struct stream *w);

/* The index is 0, 1 or 2 for a width of 64, 32 or 16, then 0 for a stride of 2, else the number of rows. */
static stream_fn *const stream_of[3][3] = {
    {stream_64_1_2, stream_64_1_1, stream_64_2_1},
    {stream_32_1_2, stream_32_1_1, stream_32_2_1},
    {stream_16_1_2, stream_16_1_1, stream_16_2_1},
};

static void stream_block(uint32_t width, uint32_t rows, struct rows *s, struct block *b) {
  const struct xq_dwconv_params *p = s->l->p;
  cut(s, b, width, 0, p->out_w);
  struct stream w = {.s = s,
      .b = b,
      .zero = s->l->zero + b->c,
      .edge = s->l->scratch + dwconv_offsets(&s->taps),
      .width = (int32_t)p->in_w};
  w.apart = s->part * p->stride_w;
  w.end = w.width - (int32_t)((64 / width - 1) * w.apart);
  for (uint32_t r = 0; r < 4; r++) w.row[r] = source_of(s, r, -(int32_t)p->pad_left, b->c);
  stream_of[width == 64 ? 0 : width == 32 ? 1 : 2][p->stride_w == 2 ? 0 : rows](&w);
}
