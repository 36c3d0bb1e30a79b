/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of simd/vnni_tile.h, and blocks whose few weights stay in registers. Four accumulators are packed to
 * one vector of 64 bytes, which one permutation of dwords puts in order. */
#include <immintrin.h>

#include "igemm/family.h"
#include "drivers/convolution.h"
#include "simd/vnni_tile.h"

#define STATIONARY_WEIGHTS 18

struct epilogue {
  __m512i zero_point, low, high;
  uint32_t row;                /* first of the tile */
  uint32_t first, channels;    /* the block's first channel, and how many there are from there on */
  int has_zero_point, clamped; /* most layers with RELU6 need neither */
  int side_by_side;            /* the outputs of neighbouring rows are contiguous */
};

/* The order in which packing leaves the dwords of four vectors. */
static const int32_t in_order[16] = {0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15};

XQ_INLINE __m512i pack(const __m512i x[4], const struct epilogue *e) {
  __m512i first = _mm512_packs_epi32(x[0], x[1]), second = _mm512_packs_epi32(x[2], x[3]);
  if (e->has_zero_point)
    first = _mm512_adds_epi16(first, e->zero_point), second = _mm512_adds_epi16(second, e->zero_point);
  __m512i bytes = _mm512_packus_epi16(first, second);
  if (e->clamped) bytes = _mm512_min_epu8(_mm512_max_epu8(bytes, e->low), e->high);
  return _mm512_permutexvar_epi32(_mm512_loadu_si512(in_order), bytes);
}

/* Stores the first row of `bytes`. */
XQ_INLINE void store(const int vectors, uint8_t *to, __m512i bytes, uint32_t channels) {
  if (channels < 16u * vectors) _mm512_mask_storeu_epi8(to, ((__mmask64)1 << channels) - 1, bytes);
  else if (vectors == 2) _mm256_storeu_si256((__m256i *)to, _mm512_castsi512_si256(bytes));
  else _mm_storeu_si128((__m128i *)to, _mm512_castsi512_si128(bytes));
}

XQ_INLINE __m512i next_row(const int vectors, __m512i bytes) {
  return vectors == 1 ? _mm512_alignr_epi32(bytes, bytes, 4) : _mm512_shuffle_i64x2(bytes, bytes, 0xee);
}

/* Requantizes and stores four accumulators, of which `mr` rows count. */
XQ_INLINE void finish(const int vectors, const int mr, const __m512i acc[4],
    const __m512 factors[MAX_VECTORS], const struct epilogue *e, uint8_t *const *out) {
  __m512i x[4];
  XQ_EACH(j, 4) x[j] = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_cvtepi32_ps(acc[j]), factors[j % vectors]));
  __m512i bytes = pack(x, e);
  if (4 / vectors == mr && e->side_by_side) {
    _mm512_storeu_si512(out[0] + e->first, bytes);
    return;
  }
  XQ_EACH(j, mr) {
    store(vectors, out[j] + e->first, bytes, e->channels);
    bytes = next_row(vectors, bytes);
  }
}

XQ_INLINE void tile_block(const int mr, const int vectors, const int half, const struct conv_tile *t,
    const uint8_t *head, const struct epilogue *e) {
  const int width = 16 * vectors;
  const int32_t *bias = (const int32_t *)(head + sizeof(struct igemm_block));
  const float *scale = (const float *)(bias + width);
  const struct igemm_step *residual = (const struct igemm_step *)(scale + width);
  const uint8_t *w = (const uint8_t *)residual + igemm_steps_bytes(t->p);
  __m512i acc[MAX_ACCUMULATORS];
  XQ_EACH(v, vectors) {
    acc[v] = _mm512_loadu_si512(bias + 16 * v);
#pragma GCC unroll 16
    for (int i = 1; i < mr; i++) acc[i * vectors + v] = acc[v];
  }
  w = vnni_sum(mr, vectors, half, t, t->taps + e->row, acc, w);
  for (uint32_t i = ((const struct igemm_block *)head)->count; i; i--, residual++, w += 4 * width)
    vnni_step(mr, vectors, half, acc, t->taps + residual->tap * t->rows + e->row, residual->k, w);
  __m512 factors[MAX_VECTORS];
  XQ_EACH(v, vectors) factors[v] = _mm512_loadu_ps(scale + 16 * v);
  const int together = 4 / vectors; /* rows that are packed at once */
#pragma GCC unroll 16
  for (int i = 0; i < mr; i += together) {
    __m512i x[4];
    XQ_EACH(j, 4) x[j] = acc[(i + j / vectors < mr ? i + j / vectors : i) * vectors + j % vectors];
    finish(vectors, mr - i < together ? mr - i : together, x, factors, e, t->out + e->row + i);
  }
}

XQ_INLINE void block(const int mr, const int vectors, const struct conv_tile *t, const uint8_t *head,
    const struct epilogue *e) {
  tile_block(mr, vectors, 0, t, head, e);
}

BLOCKS

/* Tiles of a last block of up to 8 or 24 channels. */
#define HALF_BLOCK(r, v) \
  static void half_##r##x##v(const struct conv_tile *t, const uint8_t *head, const struct epilogue *e) { \
    tile_block(r, v, 1, t, head, e); \
  }
#define HALF_ENTRY(r, v) [r - 1] = half_##r##x##v,
TILES_1(HALF_BLOCK)
TILES_2(HALF_BLOCK)
static block_fn *const half_blocks[MAX_VECTORS][MAX_ROWS] = {{TILES_1(HALF_ENTRY)}, {TILES_2(HALF_ENTRY)}};

/* Computes a block of `taps` taps of `depth` steps whose weights stay in registers, for groups of two or four
 * rows: the products of one group hide the requantization of the previous one. The last group begins early
 * enough to be whole. With `ends` the last steps of three taps have one input each and are one step. */
XQ_INLINE void stationary(const int taps, const int depth, const int ends, const int vectors,
    const struct conv_tile *t, const uint8_t *head, const struct epilogue *e) {
  const int width = 16 * vectors, together = 4 / vectors;
  const int32_t *bias = (const int32_t *)(head + sizeof(struct igemm_block));
  const struct igemm_step *residual = (const struct igemm_step *)(bias + 2 * width);
  const uint8_t *w = (const uint8_t *)residual + igemm_steps_bytes(t->p),
                *residual_weights = w + 64 * taps * depth * vectors;
  const int whole = depth - ends;
  __m512i weights[STATIONARY_WEIGHTS], last[MAX_VECTORS], start[MAX_VECTORS];
  __m512 factors[MAX_VECTORS];
  XQ_EACH(tap, taps)
    XQ_EACH(i, whole * vectors)
      weights[tap * whole * vectors + i] = _mm512_loadu_si512(w + 64 * (tap * depth * vectors + i));
#pragma GCC unroll 2
  for (int v = 0; ends && v < vectors; v++) {
    const __m512i *at = (const __m512i *)w + whole * vectors + v;
    const __m512i second = _mm512_loadu_si512(at + depth * vectors),
                  third = _mm512_loadu_si512(at + 2 * depth * vectors);
    last[v] = _mm512_or_si512(
        _mm512_loadu_si512(at), _mm512_or_si512(_mm512_slli_epi32(second, 8), _mm512_slli_epi32(third, 16)));
  }
  XQ_EACH(v, vectors)
    start[v] = _mm512_loadu_si512(bias + 16 * v),
    factors[v] = _mm512_loadu_ps((const float *)(bias + width) + 16 * v);
  const uint32_t count = ((const struct igemm_block *)head)->count, rows = t->rows;
  for (uint32_t next = 0; next < rows; next += together) {
    const uint32_t i = next + together <= rows ? next : rows - together;
    __m512i acc[4];
    XQ_EACH(j, 4) acc[j] = start[j % vectors];
    XQ_EACH(tap, taps) {
      XQ_EACH(s, whole) {
        XQ_EACH(j, together) {
          __m512i four = broadcast4(t->taps[tap * rows + i + j] + 4 * s);
          XQ_EACH(v, vectors) DOT(acc[j * vectors + v], four, weights[(tap * whole + s) * vectors + v]);
        }
      }
    }
#pragma GCC unroll 8
    for (int j = 0; ends && j < together; j++) {
      const uint8_t *const *a = t->taps + i + j;
      __m512i three =
          _mm512_set1_epi32(a[0][4 * whole] | a[rows][4 * whole] << 8 | a[2 * rows][4 * whole] << 16);
      XQ_EACH(v, vectors) DOT(acc[j * vectors + v], three, last[v]);
    }
    for (uint32_t s = 0; s < count; s++)
      vnni_step(together, vectors, 0, acc, t->taps + residual[s].tap * rows + i, residual[s].k,
          residual_weights + 64 * vectors * s);
    finish(vectors, together, acc, factors, e, t->out + i);
  }
}

#define STATIONARY(taps, depth, v) \
  static void stationary_##taps##x##depth##x##v(const struct conv_tile *t, const uint8_t *head, \
      const struct epilogue *e) { \
    stationary(taps, depth, 0, v, t, head, e); \
  }
#define STATIONARY_2(M, v) \
  M(1, 1, v) M(1, 2, v) M(1, 3, v) M(1, 4, v) M(1, 5, v) M(1, 6, v) M(1, 7, v) M(1, 8, v) M(3, 3, v)
#define STATIONARY_1(M, v) STATIONARY_2(M, v) M(3, 4, v)
#define STATIONARY_ENTRY(taps, depth, v) [(taps - 1) * 4 + depth - 1] = stationary_##taps##x##depth##x##v,
STATIONARY_1(STATIONARY, 1)
STATIONARY_2(STATIONARY, 2)
static block_fn *const stationaries[MAX_VECTORS][12] = {
    {STATIONARY_1(STATIONARY_ENTRY, 1)}, {STATIONARY_2(STATIONARY_ENTRY, 2)}};

/* A 3x3 window over the three channels of a picture. Blocks of one vector gain nothing by `ends`, as they
 * wait for inputs. */
static void conv3x3_rgb(const struct conv_tile *t, const uint8_t *head, const struct epilogue *e) {
  stationary(3, 3, 1, 2, t, head, e);
}

/* Computes a block for all rows, in tiles of nearly equal size. */
static void cover_by_tiles(
    const struct conv_tile *t, uint32_t vectors, const uint8_t *weights, struct epilogue *e) {
  block_fn *const *const table = (e->channels <= 16 * vectors - 8 ? half_blocks : blocks)[vectors - 1];
  const uint32_t mr = vectors == 1 ? MAX_ROWS : MAX_ROWS_2, parts = (t->rows + mr - 1) / mr,
                 rows = (t->rows + parts - 1) / parts;
  for (e->row = 0; e->row < t->rows; e->row += rows)
    table[(t->rows - e->row < rows ? t->rows - e->row : rows) - 1](t, weights, e);
}

static void cover_stationary(
    const struct conv_tile *t, uint32_t vectors, const uint8_t *weights, struct epilogue *e) {
  if (t->rows < 4) cover_by_tiles(t, vectors, weights, e);
  else if (vectors == 2 && t->tap_count == 3 && t->p->kernel_w * t->p->in_c == 9) conv3x3_rgb(t, weights, e);
  else stationaries[vectors - 1][(t->tap_count - 1) * 4 + t->p->tap_depth / 4 - 1](t, weights, e);
}

XQ_INLINE void run(const struct conv_tile *t,
    void (*cover)(const struct conv_tile *, uint32_t, const uint8_t *, struct epilogue *)) {
  const struct xq_igemm_params *p = t->p;
  struct epilogue e = {.zero_point = _mm512_set1_epi16((int16_t)p->zero_point),
      .low = _mm512_set1_epi8((char)p->low),
      .high = _mm512_set1_epi8((char)p->high),
      .has_zero_point = p->zero_point != 0,
      .clamped = p->low > 0 || p->high < 255};
  const uint8_t *weights = t->weights;
  for (uint32_t n = 0; n < p->out_c;) {
    e.channels = p->out_c - n;
    const uint32_t vectors = e.channels > 16 * p->vectors ? p->vectors : p->tail;
    e.first = n;
    e.side_by_side = p->out_pixel == 16 * vectors && p->out_c == p->out_pixel &&
                     p->out_row == p->out_w * p->out_pixel && p->out_image == p->out_h * p->out_row;
    cover(t, vectors, weights, &e);
    weights += igemm_block_bytes(p, (uint64_t)t->tap_count * p->tap_depth, 16 * vectors, 4, 1);
    n += 16 * vectors;
  }
}

static void run_tile(const struct conv_tile *t) { run(t, cover_by_tiles); }
static void run_stationary(const struct conv_tile *t) { run(t, cover_stationary); }

void xq_igemm__avx512vnni_tile(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run_tile);
}

void xq_igemm__avx512vnni_strip(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run_tile);
}

void xq_igemm__avx512vnni_stationary(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run_stationary);
}
