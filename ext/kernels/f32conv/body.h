/* SPDX-License-Identifier: Apache-2.0 */
/* A tile keeps all accumulators in registers. */
#define MAX_ROWS XQ_MR
#ifdef XQ_MR2
#define MAX_VECTORS 2
#else
#define MAX_VECTORS 1
#endif

#include "f32conv/family.h"
#include "drivers/convolution.h"
#include "drivers/elementwise.h"
#include "simd/vector.h"

struct sums { /* in each row whole vectors, and half a vector if there is one */
  V(f32) whole[MAX_ROWS * MAX_VECTORS];
  HALF(f32) half[MAX_ROWS];
};

/* Adds input k of each row times the weights of its channels. */
XQ_INLINE void add_products(const int mr, const int whole, const int half, struct sums *acc,
    const float *const *a, size_t k, const float *w) {
  V(f32) weights[MAX_VECTORS];
  XQ_EACH(v, whole) weights[v] = V(load)(w + LANES * v);
  const HALF(f32) last = HALF(load)(w + LANES * whole);
  XQ_EACH(i, mr) {
    const float one = a[i][k];
    XQ_EACH(v, whole) V(add_product)(&acc->whole[i * whole + v], V(broadcast)(one), weights[v]);
    if (half) HALF(add_product)(&acc->half[i], HALF(broadcast)(one), last);
  }
}

/* Stores the results of `channels` channels. */
XQ_INLINE void store(const int mr, const int whole, const int half, const struct sums *acc,
    const struct conv_tile *t, uint32_t first, uint32_t channels) {
  const float low = t->p->low, high = t->p->high;
  float *const *out = t->out;
  XQ_EACH(i, mr) {
    float *to = out[i] + first;
#pragma GCC unroll 2
    for (int v = 0; v < whole; v++, to += LANES)
      V(store_some)(to, V(clamp)(acc->whole[i * whole + v], low, high), channels - (uint32_t)(LANES * v));
    if (half)
      HALF(store_some)(to, HALF(clamp)(acc->half[i], low, high), channels - (uint32_t)(LANES * whole));
  }
}

XQ_INLINE void block(const int mr, const int whole, const int half, const struct conv_tile *t, const float *w,
    uint32_t first) {
  const int width = LANES * (whole + half); /* of a block of weights */
  struct sums acc;
  XQ_EACH(i, mr) {
    XQ_EACH(v, whole) acc.whole[i * whole + v] = V(load)(w + LANES * v);
    if (half) acc.half[i] = HALF(load)(w + LANES * whole);
  }
  w += width;
  const float *const *taps = t->taps;
  const size_t depth = t->p->tap_depth;
  for (uint32_t tap = 0; tap < t->tap_count; tap++, taps += mr) {
    const float *a[MAX_ROWS];
    XQ_EACH(i, mr) a[i] = taps[i];
    size_t k = 0;
    for (; k + 4 <= depth; k += 4) {
#pragma GCC unroll 4
      for (int u = 0; u < 4; u++, w += width) add_products(mr, whole, half, &acc, a, k + u, w);
    }
#pragma GCC unroll 1
    for (; k < depth; k++, w += width) add_products(mr, whole, half, &acc, a, k, w);
  }
  const uint32_t channels = t->p->out_c - first;
  if (channels >= (uint32_t)(LANES * whole + LANES / 2 * half))
    store(mr, whole, half, &acc, t, first, LANES * MAX_VECTORS + LANES);
  else store(mr, whole, half, &acc, t, first, channels);
}
typedef void block_fn(const struct conv_tile *, const float *, uint32_t);

/* Blocks have a width in half vectors. */
#define BLOCK(r, halves) \
  static void block_##r##x##halves(const struct conv_tile *t, const float *w, uint32_t first) { \
    block(r, halves / 2, halves % 2, t, w, first); \
  }
#define ENTRY(r, halves) [halves - 1][r - 1] = block_##r##x##halves,
#define ROWS XQ_CAT(CONV_ROWS_, MAX_ROWS)
#if MAX_VECTORS == 2
#define TILES(M) ROWS(M, 1) ROWS(M, 2) ROWS(M, 3) ROWS(M, 4)
#else
#define TILES(M) ROWS(M, 2)
#endif

TILES(BLOCK)
static block_fn *const blocks[2 * MAX_VECTORS][MAX_ROWS] = {TILES(ENTRY)};

static void run(const struct conv_tile *t) {
  const struct xq_f32conv_params *p = t->p;
  const float *weights = (const float *)t->weights;
  for (uint32_t n = 0; n < p->out_c;) {
    const uint32_t rest = p->out_c - n, vectors = rest > LANES * p->vectors ? p->vectors : p->tail;
    const uint32_t halves = 2 * vectors - (LANES > 1 && rest <= LANES * vectors - LANES / 2);
    blocks[halves - 1][t->rows - 1](t, weights, n);
    weights += LANES * vectors * (1 + (size_t)t->tap_count * p->tap_depth);
    n += LANES * vectors;
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run);
}
