/* SPDX-License-Identifier: Apache-2.0 */
/* Before including: XQ_THIS, LANES (floats per register), MAX_ROWS and MAX_VECTORS (of a tile). All accumulators of a tile stay in registers. */
#include "f32conv/family.h"
#include "convolution.h"
#include "elementwise.h"
#include "vector.h"

/* Input k of each row times the weights of its channels. */
static inline __attribute__((always_inline)) void step(const int rows, const int vectors, xq_vec acc[MAX_ROWS * MAX_VECTORS], const float *const *a,
                                                       size_t k, const float *w) {
  xq_vec weights[MAX_VECTORS];
#pragma GCC unroll 2
  for (int v = 0; v < vectors; v++) weights[v] = xq_load(w + LANES * v);
#pragma GCC unroll 12
  for (int i = 0; i < rows; i++) {
    xq_vec one = xq_broadcast(a[i][k]);
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) {
      acc[i * vectors + v] = xq_fma(one, weights[v], acc[i * vectors + v]);
      XQ_PIN(acc[i * vectors + v]);
    }
  }
}

static inline __attribute__((always_inline)) void block(const int rows, const int vectors, const struct conv_tile *t, const float *w, uint32_t first) {
  xq_vec acc[MAX_ROWS * MAX_VECTORS];
#pragma GCC unroll 2
  for (int v = 0; v < vectors; v++) {
    acc[v] = xq_load(w + LANES * v);
#pragma GCC unroll 12
    for (int i = 1; i < rows; i++) acc[i * vectors + v] = acc[v];
  }
  w += LANES * vectors;
  const float *const *taps = t->taps;
  const size_t depth = t->p->tap_depth;
  for (uint32_t tap = 0; tap < t->tap_count; tap++, taps += rows) {
    const float *a[MAX_ROWS];
#pragma GCC unroll 12
    for (int i = 0; i < rows; i++) a[i] = taps[i];
    size_t k = 0;
    for (; k + 4 <= depth; k += 4) {
#pragma GCC unroll 4
      for (int u = 0; u < 4; u++, w += LANES * vectors) step(rows, vectors, acc, a, k + u, w);
    }
    for (; k < depth; k++, w += LANES * vectors) step(rows, vectors, acc, a, k, w);
  }
  const uint32_t channels = t->p->out_c - first;
  const float low = t->p->low, high = t->p->high;
  const int whole = channels >= (uint32_t)(LANES * vectors);
  float rest[MAX_ROWS][LANES * MAX_VECTORS];
#pragma GCC unroll 12
  for (int i = 0; i < rows; i++) {
    float *to = whole ? t->out[i] + first : rest[i];
#pragma GCC unroll 2
    for (int v = 0; v < vectors; v++) xq_store(to + LANES * v, xq_clamp_lanes(acc[i * vectors + v], low, high));
  }
  for (int i = 0; i < rows && !whole; i++) memcpy(t->out[i] + first, rest[i], channels * sizeof(float));
}

typedef void block_fn(const struct conv_tile *, const float *, uint32_t);

#define BLOCK(r, v) \
  static void block_##r##x##v(const struct conv_tile *t, const float *w, uint32_t first) { block(r, v, t, w, first); }
#define ENTRY(r, v) [v - 1][r - 1] = block_##r##x##v,
#if MAX_ROWS == 12
#define ROWS(M, v) M(1, v) M(2, v) M(3, v) M(4, v) M(5, v) M(6, v) M(7, v) M(8, v) M(9, v) M(10, v) M(11, v) M(12, v)
#elif MAX_ROWS == 8
#define ROWS(M, v) M(1, v) M(2, v) M(3, v) M(4, v) M(5, v) M(6, v) M(7, v) M(8, v)
#else
#define ROWS(M, v) M(1, v) M(2, v) M(3, v) M(4, v) M(5, v) M(6, v)
#endif
#if MAX_VECTORS == 2
#define TILES(M) ROWS(M, 1) ROWS(M, 2)
#else
#define TILES(M) ROWS(M, 1)
#endif

TILES(BLOCK)
static block_fn *const blocks[MAX_VECTORS][MAX_ROWS] = {TILES(ENTRY)};

static void run(const struct conv_tile *t) {
  const struct xq_f32conv_params *p = t->p;
  const float *weights = (const float *)t->weights;
  for (uint32_t n = 0; n < p->out_c;) {
    uint32_t vectors = p->out_c - n > LANES * p->vectors ? p->vectors : p->tail;
    blocks[vectors - 1][t->rows - 1](t, weights, n);
    weights += LANES * vectors * (1 + (size_t)t->tap_count * p->tap_depth);
    n += LANES * vectors;
  }
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  conv_run(plan, params, begin, end, worker, run);
}
