/* SPDX-License-Identifier: Apache-2.0 */
/* For any window the columns of a segment of a row are interleaved to scratch; then both rows of up to four
 * neighbours are summed in registers. */
#pragma once
#include "dwconv/avx512vnni_rows.h"

#define VECTORS 4 /* neighbours of a row that are summed at once */

struct segment {
  const struct rows *s;
  uint32_t columns;        /* of the input */
  size_t column;           /* bytes of a column in scratch: [group][vector] */
  const uint32_t *offsets; /* bytes from a pixel's first column to each tap */
  uint8_t *quads;
};

/* Loads column x, which may lie outside of the image; parts lie `columns` columns apart. */
XQ_INLINE __m512i load_edge(const uint32_t width, const uint8_t *at, ptrdiff_t far, int32_t x,
    uint32_t columns, uint32_t in_w, const uint8_t *zero) {
  const uint8_t *part[4];
  for (uint32_t i = 0; i < 64 / width; i++)
    part[i] = (uint32_t)(x + (int32_t)(i * columns)) < in_w ? at + (ptrdiff_t)i * far : zero;
  return load_parts(width, part);
}

XQ_INLINE void put_column(const __m512i row[4], uint8_t *to) {
  __m512i quads[4];
  interleave(row[0], row[1], row[2], row[3], quads);
  for (int q = 0; q < 4; q++) _mm512_store_si512(to + 64 * q, quads[q]);
}

/* Interleaves the columns of a group for the channels from c on. */
XQ_INLINE void fill_group(const uint32_t width, const struct segment *g, uint32_t group, uint32_t c) {
  const struct rows *s = g->s;
  const struct xq_dwconv_params *p = s->l->p;
  const int paired = s->taps.paired && group + 1 == s->taps.groups;
  const int32_t x = (int32_t)(s->first * p->stride_w) - (int32_t)p->pad_left,
                right = paired ? (int32_t)p->dilation_w : 0;
  const uint32_t apart = s->part * p->stride_w;
  const int32_t last = x + right + (int32_t)((64 / width - 1) * apart), end = (int32_t)p->in_w - last;
  const uint8_t *zero = s->l->zero + c;
  uint8_t *to = g->quads + 256 * (size_t)group;
  struct source from[4];
  for (uint32_t j = 0; j < 4; j++)
    from[j] = source_of(s, 4 * group + (paired ? j % 2 : j), x + (j < 2 ? 0 : right), c);
  for (int32_t i = 0; i < (int32_t)g->columns; i++, to += g->column) {
    __m512i row[4];
    if (x + i >= 0 && i < end)
      for (int j = 0; j < 4; j++) row[j] = load_inside(width, from[j].at, from[j].far);
    else
      for (int j = 0; j < 4; j++)
        row[j] = load_edge(width, from[j].at, from[j].far, x + i + (j < 2 ? 0 : right), apart, p->in_w, zero);
    for (int j = 0; j < 4; j++) from[j].at += from[j].step;
    put_column(row, to);
  }
}

/* Adds a tap, with the weights w for each row, to the sums of pixels whose quads lie `step` bytes apart. */
XQ_INLINE void add_tap(const int rows, const int vectors, const uint8_t *quads, size_t step, const uint8_t *w,
    __m512i sums[2][VECTORS]) {
  const __m512i w0 = _mm512_loadu_si512(w), w1 = rows == 2 ? _mm512_loadu_si512(w + 64) : w0;
  XQ_EACH(v, vectors) {
    const __m512i lanes = _mm512_load_si512(quads + v * step);
    if (rows == 2)
      __asm__("vpdpbusd %3, %2, %0\n\tvpdpbusd %4, %2, %1"
              : "+&v"(sums[0][v]), "+&v"(sums[1][v])
              : "v"(lanes), "v"(w0), "v"(w1));
    else DOT(sums[0][v], lanes, w0);
  }
}

/* Makes vector q of the rescaled sums of `vectors` neighbours in each row. */
XQ_INLINE void sum_vector(const int rows, const int vectors, const struct segment *g, const struct block *b,
    const int q, const uint8_t *quads, const uint8_t **residual_weights, const uint32_t **which,
    __m512i x[2][VECTORS]) {
  const struct dwconv_taps *taps = &g->s->taps;
  const size_t step = g->column * g->s->l->p->stride_w, set = 64 * taps->rows;
  const uint8_t *w = b->weights + q * taps->count * set;
  quads += 64 * q;
  const __m512i bias = _mm512_loadu_si512(b->bias + 16 * q);
  XQ_EACH(r, rows)
    XQ_EACH(v, vectors) x[r][v] = bias;
  for (uint32_t t = 0; t < taps->count; t++, w += set)
    add_tap(rows, vectors, quads + g->offsets[t], step, w, x);
  for (uint32_t m = b->residual[q]; m; m--, *residual_weights += set)
    add_tap(rows, vectors, quads + g->offsets[*(*which)++], step, *residual_weights, x);
  const __m512 scale = _mm512_loadu_ps(b->scale + 16 * q);
  XQ_EACH(r, rows)
    XQ_EACH(v, vectors) x[r][v] = rescale(x[r][v], scale);
}

/* Computes `vectors` neighbours of each row. */
XQ_INLINE void sum_vectors(const int rows, const int vectors, const struct segment *g, const struct block *b,
    const uint8_t *quads, uint8_t *const out[2], size_t next) {
  const uint8_t *residual_weights = b->residual_weights;
  const uint32_t *which = b->residual_taps;
  __m512i words[2][2][VECTORS];
  XQ_EACH(half, 2) {
    __m512i first[2][VECTORS], last[2][VECTORS];
    sum_vector(rows, vectors, g, b, 2 * half, quads, &residual_weights, &which, first);
    sum_vector(rows, vectors, g, b, 2 * half + 1, quads, &residual_weights, &which, last);
    XQ_EACH(r, rows)
      XQ_EACH(v, vectors) words[half][r][v] = _mm512_packs_epi32(first[r][v], last[r][v]);
  }
  XQ_EACH(r, rows)
    XQ_EACH(v, vectors)
      _mm512_storeu_si512(out[r] + v * next, bytes_of(g->s, words[0][r][v], words[1][r][v]));
}

XQ_INLINE void sum_block(
    const int rows, const uint32_t width, const struct segment *g, const struct block *b) {
  const struct rows *s = g->s;
  const size_t pixel = s->l->p->out_pixel, step = g->column * s->l->p->stride_w;
  uint8_t *out = s->l->out + s->first * pixel + b->c;
  const uint8_t *quads = g->quads;
  for (uint32_t at = 0, count; at < s->part; at += count, out += count * pixel, quads += count * step) {
    uint8_t buffer[2][VECTORS * 64];
    uint8_t *const to[2] = {width == 64 ? out : buffer[0], width == 64 ? out + s->down : buffer[1]};
    const size_t next = width == 64 ? pixel : 64;
    count = s->part - at < VECTORS ? s->part - at : VECTORS;
    switch (count) {
    case 1: sum_vectors(rows, 1, g, b, quads, to, next); break;
    case 2: sum_vectors(rows, 2, g, b, quads, to, next); break;
    case 3: sum_vectors(rows, 3, g, b, quads, to, next); break;
    default: sum_vectors(rows, VECTORS, g, b, quads, to, next); break;
    }
    if (width == 64) continue;
    for (int r = 0; r < rows; r++)
      for (uint32_t v = 0; v < count; v++)
        store_parts(
            width, s, b, _mm512_loadu_si512(buffer[r] + 64 * v), at + v, out + v * pixel + r * s->down);
  }
}

static void set_offsets(const struct rows *s) {
  const struct xq_dwconv_params *p = s->l->p;
  uint32_t *offset = (uint32_t *)s->l->scratch;
  for (uint32_t group = 0; group < s->taps.groups; group++)
    for (uint32_t k = 0; k < p->kernel_w; k += s->taps.paired && group + 1 == s->taps.groups ? 2 : 1)
      *offset++ = (k * p->dilation_w * s->taps.groups + group) * 256;
}

XQ_INLINE void segments(const uint32_t width, const int rows, struct rows *s, struct block *b) {
  const struct xq_dwconv_params *p = s->l->p;
  struct segment g = {.s = s, .column = 256 * (size_t)s->taps.groups, .offsets = (uint32_t *)s->l->scratch};
  g.quads = s->l->scratch + dwconv_offsets(&s->taps);
  const uint32_t max_pixels = dwconv_vectors(p) * (64 / width);
  for (uint32_t first = 0; first < p->out_w; first += s->pixels) {
    cut(s, b, width, first, p->out_w - first < max_pixels ? p->out_w - first : max_pixels);
    g.columns = (s->part - 1) * p->stride_w + dwconv_reach(p) + 1;
    for (uint32_t group = 0; group < s->taps.groups; group++) fill_group(width, &g, group, b->c);
    sum_block(rows, width, &g, b);
  }
}

#define SEGMENTS(W, R) \
  static void segments_##W##_##R(struct rows *s, struct block *b) { segments(W, R, s, b); }
SEGMENTS(64, 1) SEGMENTS(64, 2) SEGMENTS(32, 1) SEGMENTS(32, 2) SEGMENTS(16, 1) SEGMENTS(16, 2)
#undef SEGMENTS
