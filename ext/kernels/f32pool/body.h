/* SPDX-License-Identifier: Apache-2.0 */
#include "f32pool/family.h"
#include "drivers/elementwise.h"
#include "drivers/pooling.h"
#include "simd/vector.h"

/* The result so far, joined with one more value. */
XQ_INLINE V(f32) join(const int op, V(f32) x, V(f32) value) {
  switch (op) {
  case MAXIMUM: return V(max)(x, value);
  case MINIMUM: return V(min)(x, value);
  case PRODUCT: return x * value;
  default: return x + value;
  }
}

/* The results of `vectors` vectors of channels, the first of them at `first`: the pixels of the window in
 * order. */
XQ_INLINE void fold(const int op, const int vectors, const struct xq_f32pool_params *p,
    struct pooling_window w, uint32_t first, float *out) {
  V(f32) acc[4];
  XQ_EACH(v, vectors)
    acc[v] = V(broadcast)(op == MAXIMUM ? -INFINITY : op == MINIMUM ? INFINITY : op == PRODUCT);
  for (uint32_t y = 0; y < w.height; y++) {
    const float *in = w.first + y * w.pitch + first;
    for (uint32_t x = 0; x < w.width; x++, in += p->channels)
      XQ_EACH(v, vectors) acc[v] = join(op, acc[v], V(load)(in + v * LANES));
  }
  XQ_EACH(v, vectors) {
    if (op == AVERAGE) acc[v] /= (float)(w.height * w.width);
    V(store_some)
    (out + first + v * LANES, V(clamp)(acc[v], p->low, p->high), p->channels - first - (uint32_t)(v * LANES));
  }
}

static inline void one_channel(
    const int op, const struct xq_f32pool_params *p, struct pooling_window w, float *out) {
  double sum = 0;
  for (uint32_t y = 0; y < w.height; y++)
    for (uint32_t x = 0; x < w.width; x++) sum += w.first[y * w.pitch + x];
  *out = xq_clampf(op == AVERAGE ? (float)sum / (float)(w.height * w.width) : (float)sum, p->low, p->high);
}

XQ_INLINE void pool(const int op, const struct xq_f32pool_params *p, struct pooling_window w, float *out) {
  if (p->channels == 1 && (op == SUM || op == AVERAGE)) {
    one_channel(op, p, w, out);
    return;
  }
  for (uint32_t first = 0; first < p->channels; first += 4 * LANES)
    switch ((p->channels - first + LANES - 1) / LANES) {
    case 1: fold(op, 1, p, w, first, out); break;
    case 2: fold(op, 2, p, w, first, out); break;
    case 3: fold(op, 3, p, w, first, out); break;
    default: fold(op, 4, p, w, first, out); break;
    }
}

#define POOL(op) \
  static void pool_##op(const struct xq_f32pool_params *p, struct pooling_window w, float *out) { pool(op, \
      p, w, out); }
POOL(MAXIMUM)
POOL(MINIMUM)
POOL(SUM)
POOL(AVERAGE)
POOL(PRODUCT)

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  switch (((const struct xq_f32pool_params *)params)->op) {
  case MAXIMUM: pooling_run(plan, params, begin, end, pool_MAXIMUM); break;
  case MINIMUM: pooling_run(plan, params, begin, end, pool_MINIMUM); break;
  case SUM: pooling_run(plan, params, begin, end, pool_SUM); break;
  case AVERAGE: pooling_run(plan, params, begin, end, pool_AVERAGE); break;
  default: pooling_run(plan, params, begin, end, pool_PRODUCT); break;
  }
}
