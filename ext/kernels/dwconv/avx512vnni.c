/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution by vpdpbusd: the bytes of four input rows are interleaved, so that a lane holds four
 * taps of a channel. The weights have the order in which unpacking leaves the channels; packing undoes it.
 *
 * Two output rows are summed from the same columns with weights of their own, for 3x3 (w0, w1, w2, 0) and (0,
 * w0, w1, w2). A 3x3 window keeps columns in registers (avx512vnni_stream.h); other windows, and blocks with
 * residual weights, interleave the columns of a segment to scratch first (avx512vnni_segments.h).
 *
 * A vector holds 64 channels of one pixel, 32 of two or 16 of four. For this a row is cut into as many parts,
 * which are computed at once. */
#include "dwconv/avx512vnni_segments.h"
#include "dwconv/avx512vnni_stream.h"

typedef void block_fn(struct rows *s, struct block *b);

/* The index is 0, 1 or 2 for a width of 64, 32 or 16, then the number of rows less 1. */
static block_fn *const segments_of[3][2] = {
    {segments_64_1, segments_64_2}, {segments_32_1, segments_32_2}, {segments_16_1, segments_16_2}};

static void run_rows(
    const struct depthwise_line *l, const struct dwconv_taps *taps, uint32_t rows, size_t down, int first) {
  const struct xq_dwconv_params *p = l->p;
  struct rows s = {
      .l = l, .taps = *taps, .down = down, .wraps = p->zero_point == 0 && p->low == 0 && p->high == 255};
  s.zero_point = _mm512_set1_epi16((int16_t)p->zero_point), s.low = _mm512_set1_epi8((char)p->low),
  s.high = _mm512_set1_epi8((char)p->high);
  set_offsets(&s);
  const int streams = dwconv_streams(p, taps);
  const uint8_t *weights = l->weights;
  for (uint32_t c = 0; c < p->out_c;) {
    const uint32_t left = p->out_c - c, width = left >= 64 ? 0 : left >= 32 ? 1 : 2;
    struct block b;
    const uint8_t *head = weights;
    weights = open_block(&s, weights, c, &b);
    if (first) /* in a node's first tile the next block's weights are not in the cache yet */
      for (const uint8_t *ahead = weights; ahead < weights + (weights - head); ahead += 64)
        _mm_prefetch((const char *)ahead, _MM_HINT_T0);
    if (!streams || b.residual[0] | b.residual[1] | b.residual[2] | b.residual[3])
      segments_of[width][rows - 1](&s, &b);
    else stream_block(64 >> width, rows, &s, &b);
    c += 64 >> width;
  }
}

void xq_dwconv__avx512vnni_pairs(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_dwconv_params *p = params;
  const struct dwconv_taps taps = dwconv_taps_of(p);
  const uint32_t apart = dwconv_apart(p), tiles = dwconv_tiles(p, taps.rows);
  for (uint32_t t = begin; t < end; t++) {
    const uint32_t tile = t % tiles, y = taps.rows == 1 ? tile : tile / apart * 2 * apart + tile % apart;
    if (y >= p->out_h) continue;
    const struct depthwise_line line = depthwise_line_of(plan, p, t / tiles, y, worker);
    run_rows(&line, &taps, taps.rows == 2 && y + apart < p->out_h ? 2 : 1,
        (size_t)apart * p->out_w * p->out_pixel, t == begin);
  }
}
