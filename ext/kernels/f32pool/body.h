/* SPDX-License-Identifier: Apache-2.0 */
#include "f32pool/family.h"
#include "elementwise.h"
#include "pooling.h"

#define LANES 32 /* channels whose results are kept at once */

static inline float greater(float a, float b) { return a > b ? a : b; }
static inline float lesser(float a, float b) { return a < b ? a : b; }
static inline float plus(float a, float b) { return a + b; }
static inline float times(float a, float b) { return a * b; }

/* acc[c] = f over all pixels of the window, from acc[c]; lanes == LANES is a loop of its own. */
#define FOLD(f)                                                                                                                          \
  static inline void fold_##f(const struct xq_f32pool_params *p, struct pooling_window w, uint32_t first, float acc[LANES], uint32_t lanes) { \
    for (uint32_t y = 0; y < w.height; y++)                                                                                              \
      for (uint32_t x = 0; x < w.width; x++) {                                                                                           \
        const float *in = w.first + y * w.pitch + (size_t)x * p->channels + first;                                                       \
        if (lanes == LANES)                                                                                                              \
          for (uint32_t c = 0; c < LANES; c++) acc[c] = f(acc[c], in[c]);                                                                \
        else                                                                                                                             \
          for (uint32_t c = 0; c < lanes; c++) acc[c] = f(acc[c], in[c]);                                                                \
      }                                                                                                                                  \
  }
FOLD(greater)
FOLD(lesser)
FOLD(plus)
FOLD(times)

static inline void pick(const struct xq_f32pool_params *p, struct pooling_window w, uint32_t first, uint32_t lanes, float *out) {
  float best[LANES];
  for (uint32_t c = 0; c < LANES; c++) best[c] = p->op == F32POOL_MAXIMUM ? -INFINITY : INFINITY;
  if (p->op == F32POOL_MAXIMUM)
    fold_greater(p, w, first, best, lanes);
  else
    fold_lesser(p, w, first, best, lanes);
  for (uint32_t c = 0; c < lanes; c++) out[c] = xq_clampf(best[c], p->low, p->high);
}

static inline float one_channel(struct pooling_window w) {
  double sum = 0;
  for (uint32_t y = 0; y < w.height; y++)
    for (uint32_t x = 0; x < w.width; x++) sum += w.first[y * w.pitch + x];
  return (float)sum;
}

static inline void total(const struct xq_f32pool_params *p, struct pooling_window w, uint32_t first, uint32_t lanes, float *out) {
  const float count = p->op == F32POOL_AVERAGE ? (float)(w.height * w.width) : 1;
  float sum[LANES];
  for (uint32_t c = 0; c < LANES; c++) sum[c] = p->op == F32POOL_PRODUCT;
  if (p->op == F32POOL_PRODUCT)
    fold_times(p, w, first, sum, lanes);
  else if (p->channels == 1)
    sum[0] = one_channel(w);
  else
    fold_plus(p, w, first, sum, lanes);
  for (uint32_t c = 0; c < lanes; c++) out[c] = xq_clampf(sum[c] / count, p->low, p->high);
}

static inline void pool(const struct xq_f32pool_params *p, struct pooling_window w, float *out) {
  for (uint32_t first = 0; first < p->channels; first += LANES) {
    const uint32_t lanes = p->channels - first < LANES ? p->channels - first : LANES;
    if (p->op < F32POOL_SUM)
      pick(p, w, first, lanes, out + first);
    else
      total(p, w, first, lanes, out + first);
  }
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  pooling_run(plan, params, begin, end, pool);
}
