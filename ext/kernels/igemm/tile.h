/* SPDX-License-Identifier: Apache-2.0 */
/* Tiles of simd/madd_tile.h or dot_tile.h, of which four vectors of sums are packed to bytes at once. 16-bit
 * weights hold every difference w - zero point and need no residual steps. */
#define DEPTH XQ_KR /* inputs in each lane: 2 of 16 bits or 4 bytes */

#include "igemm/family.h"
#include "drivers/convolution.h"
#if DEPTH == 2
#include "simd/madd_tile.h"
#define TILE_ROWS MADD_ROWS
#else
#include "igemm/dot_tile.h"
#endif

struct part { /* a tile and the channels of a block */
  const struct conv_tile *t;
#if DEPTH == 2
  const int16_t *a; /* its inputs, widened */
#endif
  uint32_t first, channels; /* the first channel, and how many there are from there on */
  struct V(range) range;
};

XQ_INLINE void block(const int mr, const int vectors, const struct part *part, const uint8_t *head) {
  const int width = LANES * vectors, together = 4 / vectors; /* rows that are packed at once */
  const int32_t *bias = (const int32_t *)(head + sizeof(struct igemm_block));
  const float *scale = (const float *)(bias + width);
  V(int) acc[TILE_ROWS][2];
  XQ_EACH(i, mr) {
    acc[i][0] = V(load_int)(bias);
    if (vectors == 2) acc[i][1] = V(load_int)(bias + LANES);
  }
  const struct igemm_step *residual = (const struct igemm_step *)(scale + width);
  const V(int) *weights = (const V(int) *)((const uint8_t *)residual + igemm_steps_bytes(part->t->p));
#if DEPTH == 2
  madd_sum(mr, vectors, part->t, part->a, weights, acc);
#else
  dot_sum(mr, vectors, part->t, weights, residual, ((const struct igemm_block *)head)->count, acc);
#endif
  V(f32) factors[2] = {V(load)(scale), V(load)(scale + (vectors - 1) * LANES)};
#pragma GCC unroll 16
  for (int i = 0; i < mr; i += together) {
    V(int) x[4];
    XQ_EACH(j, 4) {
      const int row = i + j / vectors, v = j % vectors;
      x[j] = row < mr ? V(rescale)(acc[row][v], factors[v]) : x[0]; /* no row is left: any will do */
    }
    uint8_t bytes[4 * LANES];
    V(store_int)(bytes, V(in_order)(V(finish32)(&part->range, x)));
    XQ_EACH(j, together) {
      if (i + j >= mr) continue;
      uint8_t *out = part->t->out[i + j] + part->first;
      if (part->channels >= (uint32_t)width) memcpy(out, bytes + j * width, width);
      else xq_copy_few(out, bytes + j * width, part->channels);
    }
  }
}

typedef void block_fn(const struct part *, const uint8_t *);
#define BLOCK(r, v) \
  static void block_##r##x##v(const struct part *part, const uint8_t *head) { block(r, v, part, head); }
#define ENTRY(r, v) [r - 1] = block_##r##x##v,
#define ROWS XQ_CAT(CONV_ROWS_, TILE_ROWS)
ROWS(BLOCK, 1)
ROWS(BLOCK, 2)
static block_fn *const blocks[2][TILE_ROWS] = {{ROWS(ENTRY, 1)}, {ROWS(ENTRY, 2)}};

static void run(const struct conv_tile *t) {
  const struct xq_igemm_params *p = t->p;
  struct part part = {.t = t, .range = V(range_of)(p->zero_point, p->low, p->high)};
#if DEPTH == 2
  part.a = (const int16_t *)t->scratch;
  widen(t, (int16_t *)t->scratch);
#endif
  const uint8_t *weights = t->weights;
  for (uint32_t n = 0; n < p->out_c;) {
    part.first = n, part.channels = p->out_c - n;
    const uint32_t vectors = part.channels > LANES * p->vectors ? p->vectors : p->tail;
    blocks[vectors - 1][t->rows - 1](&part, weights);
    weights += igemm_block_bytes(p, (uint64_t)t->tap_count * p->tap_depth, LANES * vectors, DEPTH, 4 / DEPTH);
    n += LANES * vectors;
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run);
}
