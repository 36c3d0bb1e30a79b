/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/family.h"
#include "elementwise.h"
#include "pooling.h"

#define LANES 64 /* channels whose sums are kept at once */

static inline void maximum(const struct xq_pool_params *p, struct pooling_window w, uint8_t *restrict out) {
  const uint32_t channels = p->channels;
  const uint8_t low = (uint8_t)p->low, high = (uint8_t)p->high;
  for (uint32_t c = 0; c < channels; c++) out[c] = low;
  for (uint32_t y = 0; y < w.height; y++)
    for (uint32_t x = 0; x < w.width; x++) {
      const uint8_t *in = w.first + y * w.pitch + (size_t)x * channels;
      for (uint32_t c = 0; c < channels; c++) out[c] = out[c] > in[c] ? out[c] : in[c];
    }
  for (uint32_t c = 0; c < channels; c++) out[c] = out[c] < high ? out[c] : high;
}

static inline void average(const struct xq_pool_params *p, struct pooling_window w, uint8_t *restrict out) {
  const int32_t count = (int32_t)(w.height * w.width);
  const double twice = 2.0 * count;
  for (uint32_t first = 0; first < p->channels; first += LANES) {
    const uint32_t lanes = p->channels - first < LANES ? p->channels - first : LANES;
    int32_t sum[LANES] = {0};
    for (uint32_t y = 0; y < w.height; y++)
      for (uint32_t x = 0; x < w.width; x++) {
        const uint8_t *in = w.first + y * w.pitch + (size_t)x * p->channels + first;
        if (lanes == LANES)
          for (uint32_t c = 0; c < LANES; c++) sum[c] += in[c];
        else
          for (uint32_t c = 0; c < lanes; c++) sum[c] += in[c];
      }
    for (uint32_t c = 0; c < lanes; c++) {
      int32_t s = sum[c] - p->offset * count, magnitude = s < 0 ? -s : s;
      int32_t rounded = (int32_t)((2.0 * magnitude + count) / twice); /* exact: integers below 2^53 */
      out[first + c] = (uint8_t)xq_clamp((s < 0 ? -rounded : rounded) + p->offset, p->low, p->high);
    }
  }
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_pool_params *p = params;
  if (p->average)
    pooling_run(plan, p, begin, end, average);
  else
    pooling_run(plan, p, begin, end, maximum);
}
