/* SPDX-License-Identifier: Apache-2.0 */
/* Walks over blocks of 16 channels, one vector of accumulators for each pixel: input columns are loaded once and added to all output pixels that they
 * meet, SIZE of them at most, so that nothing of the image is kept but the column at hand. For 5x5 all weights are in registers, ten vectors, which they are
 * not in blocks of 64 channels. */

#define NARROW_MAX 5

struct narrow {
  __m512i bias, zero_point, low, high;
  __m512 scale;
  const uint8_t *weights;
  __mmask16 exist;                 /* channels that there are */
};

static inline __attribute__((always_inline)) __m128i narrow_load(const uint8_t *from) { return _mm_loadu_si128((const __m128i *)from); }

/* Where the kernel's rows begin in memory, and the mask of the offset of a column: 0 where there is no column, but one pixel of zero points. Kept in memory,
 * since there are not registers enough for a pointer each. */
struct narrow_rows {
  const uint8_t *begin[NARROW_MAX];
  ptrdiff_t mask[NARROW_MAX];
};

/* The walk stands at column x, `offset` bytes from the begin of each row. */
struct narrow_cursor {
  const struct narrow_rows *inside, *outside;
  ptrdiff_t offset, step;
  int32_t x;
  uint32_t width;
};

static inline __attribute__((always_inline)) void narrow_open(const int size, const struct depthwise_line *l, uint32_t c, struct narrow_rows rows[2]) {
  const struct xq_dwconv_params *p = l->p;
  for (int r = 0; r < size; r++) {
    const int32_t y = l->y + r * (int32_t)p->dilation_h;
    const int inside = y >= 0 && y < (int32_t)p->in_h;
    rows[0].begin[r] = inside ? l->image + (ptrdiff_t)y * p->in_w * p->in_pixel + c : l->zero + c;
    rows[0].mask[r] = inside ? -1 : 0;
    rows[1].begin[r] = l->zero + c, rows[1].mask[r] = 0;
  }
}

static inline __attribute__((always_inline)) void narrow_skip(struct narrow_cursor *at, ptrdiff_t columns) {
  at->offset += columns * at->step;
  at->x += (int32_t)columns;
}

static inline __attribute__((always_inline)) struct narrow_cursor narrow_start(const struct xq_dwconv_params *p, const struct narrow_rows rows[2],
                                                                               uint32_t first) {
  const struct dwconv_columns columns = dwconv_columns_of(p, first);
  const ptrdiff_t pixel = p->in_pixel;
  return (struct narrow_cursor){rows, rows + 1, columns.begin * pixel, p->dilation_w * pixel, columns.x, columns.width};
}

/* The next column as quads: lane c holds rows 0 to 3 of channel c, in the second vector row 4. */
static inline __attribute__((always_inline)) void narrow_column(const int size, struct narrow_cursor *at, __m512i quads[2]) {
  const __m512i by_dword = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  const __m512i by_byte = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15));
  const struct narrow_rows *rows = (uint32_t)at->x < at->width ? at->inside : at->outside;
#define ROW(r) narrow_load(rows->begin[r] + (at->offset & rows->mask[r]))
  __m512i four = _mm512_zextsi128_si512(ROW(0));
  four = _mm512_inserti32x4(four, ROW(1), 1);
  four = _mm512_inserti32x4(four, ROW(2), 2);
  if (size > 3) four = _mm512_inserti32x4(four, ROW(3), 3);
  quads[0] = _mm512_shuffle_epi8(_mm512_permutexvar_epi32(by_dword, four), by_byte);
  if (size > 4) quads[1] = _mm512_cvtepu8_epi32(ROW(4));
#undef ROW
  narrow_skip(at, 1);
}

/* Column k of the kernel times the column at hand. w: with `split`, second weights follow the first. */
static inline __attribute__((always_inline)) void narrow_add(const int size, const int split, const struct narrow *b, const __m512i *w, const int k,
                                                             const __m512i quads[2], __m512i *acc) {
  const int groups = size > 4 ? 2 : 1;
  if (k == 0) *acc = b->bias;
#pragma GCC unroll 2
  for (int g = 0; g < groups; g++) {
    DOT(*acc, quads[g], w[k * groups + g]);
    if (split) DOT(*acc, quads[g], w[(size + k) * groups + g]);
  }
}

static inline __attribute__((always_inline)) void narrow_weights(const int size, const int split, const struct narrow *b, __m512i w[NARROW_MAX * 4]) {
  const int count = size * (size > 4 ? 2 : 1) * (split ? 2 : 1);
#pragma GCC unroll 20
  for (int i = 0; i < count; i++) w[i] = _mm512_loadu_si512(b->weights + 64 * i);
}

static inline __attribute__((always_inline)) void narrow_finish(const struct narrow *b, __m512i acc, uint8_t *out) {
  __m512i x = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc), b->scale)), b->zero_point);
  x = _mm512_min_epi32(_mm512_max_epi32(x, b->low), b->high);
  __m128i bytes = _mm512_cvtepi32_epi8(x);
  __asm__("" : "+v"(bytes)); /* vpmovdb to memory is slow */
  if (b->exist == 0xffff)
    _mm_storeu_si128((__m128i *)out, bytes);
  else
    _mm_mask_storeu_epi8(out, b->exist, bytes);
}

/* The next column, which is column m of the row, to all accumulators that it meets. Pixel i meets the columns apart * i to apart * i + size - 1; the sums of
 * `live` pixels, from `first` on, are open. */
static inline __attribute__((always_inline)) void narrow_step(const int size, const int apart, const int split, const struct narrow *b, const __m512i *w,
                                                              const int m, const int first, const int live, struct narrow_cursor *at,
                                                              __m512i acc[NARROW_MAX]) {
  __m512i quads[2];
  narrow_column(size, at, quads);
#pragma GCC unroll 5
  for (int i = 0; i < live; i++)
    if (m >= apart * (first + i)) narrow_add(size, split, b, w, m - apart * (first + i), quads, &acc[(first + i) % live]);
}

/* A row of output pixels of stride `apart`, 1 or 2. */
static inline __attribute__((always_inline)) void narrow_row(const int size, const int apart, const int split, const struct depthwise_line *l,
                                                             const struct narrow_rows rows[2], const struct narrow *b, uint32_t c, uint32_t first) {
  const int live = (size + apart - 1) / apart;
  struct narrow_cursor at = narrow_start(l->p, rows, first);
  __m512i w[4 * NARROW_MAX], acc[NARROW_MAX];
  narrow_weights(size, split, b, w);
  const struct dwconv_phase phase = dwconv_phase_of(l, c, first);
  uint8_t *out = phase.out, *const end = phase.end;
  const size_t next = phase.next;
#pragma GCC unroll 5
  for (int m = 0; m < size - apart; m++) narrow_step(size, apart, split, b, w, m, 0, live, &at, acc);
#define PIXEL(i)                                                                                \
  if (i < live) {                                                                               \
    if (apart == 2) narrow_step(size, apart, split, b, w, 2 * i + size - 2, i, live, &at, acc); \
    narrow_step(size, apart, split, b, w, apart * i + size - 1, i, live, &at, acc);             \
    narrow_finish(b, acc[i], out);                                                              \
    if ((out += next) == end) break;                                                            \
  }
  for (;;) { /* as many pixels per turn as there are accumulators, so that these need not be moved */
    PIXEL(0)
    PIXEL(1)
    PIXEL(2)
    PIXEL(3)
    PIXEL(4)
  }
#undef PIXEL
}

/* The same of any stride: pixel by pixel. */
static inline __attribute__((always_inline)) void narrow_pixels(const int size, const int split, const struct depthwise_line *l,
                                                                const struct narrow_rows rows[2], const struct narrow *b, uint32_t c) {
  struct narrow_cursor at = narrow_start(l->p, rows, 0);
  __m512i w[4 * NARROW_MAX], acc, quads[2];
  narrow_weights(size, split, b, w);
  const struct dwconv_phase phase = dwconv_phase_of(l, c, 0);
  uint8_t *out = phase.out, *const end = phase.end;
  const size_t next = phase.next;
  for (; out != end; out += next) {
#pragma GCC unroll 5
    for (int k = 0; k < size; k++) {
      narrow_column(size, &at, quads);
      narrow_add(size, split, b, w, k, quads, &acc);
    }
    narrow_finish(b, acc, out);
    narrow_skip(&at, (ptrdiff_t)l->p->stride_w - size);
  }
}

static inline __attribute__((always_inline)) const uint8_t *narrow_block(const int size, const struct depthwise_line *l, const uint8_t *head, uint32_t c) {
  const struct xq_dwconv_params *p = l->p;
  const uint8_t *bias = head + sizeof(struct dwconv_block), *weights = bias + 8 * 16;
  const size_t set = 64 * (size_t)size * (size > 4 ? 2 : 1);
  const int split = ((const struct dwconv_block *)head)->split != 0;
  const uint32_t channels = p->out_c - c;
  const struct narrow b = {_mm512_loadu_si512(bias), _mm512_set1_epi32(p->zero_point), _mm512_set1_epi32(p->low), _mm512_set1_epi32(p->high),
                           _mm512_loadu_ps((const float *)bias + 16), weights, (__mmask16)(channels < 16 ? (1u << channels) - 1 : 0xffff)};
  struct narrow_rows rows[2];
  narrow_open(size, l, c, rows);
#define WALK(split)                                  \
  if (p->stride_w == 1)                              \
    narrow_row(size, 1, split, l, rows, &b, c, first);      \
  else if (p->stride_w == 2)                         \
    narrow_row(size, 2, split, l, rows, &b, c, first);      \
  else                                               \
    narrow_pixels(size, split, l, rows, &b, c)
  for (uint32_t first = 0; first < p->dilation_w && first < p->out_w; first++) {
    if (size == 3 && split) /* of 5x5 only `columns` takes second weights */
      WALK(1);
    else
      WALK(0);
  }
#undef WALK
  return weights + (split ? 2 : 1) * set;
}
