/* SPDX-License-Identifier: Apache-2.0 */
#include "resize/family.h"
#include "elementwise.h"

#define LANES 16 /* channels at a time; reads of mixed rows may go LANES - 1 beyond the last, into the scratch's slack */

struct tap {
  uint32_t low, high, weight;
};

static inline void mix_rows(const uint8_t *top, const uint8_t *bottom, int32_t weight, int32_t *restrict mixed, size_t count) {
  for (size_t i = 0; i < count; i++) mixed[i] = (2048 - weight) * top[i] + weight * bottom[i];
}

static inline void mix_columns(const int32_t *left, const int32_t *right, int32_t weight, uint8_t *restrict out, uint32_t channels) {
  for (uint32_t first = 0; first < channels; first += LANES) {
    uint8_t block[LANES];
    for (uint32_t i = 0; i < LANES; i++) block[i] = (uint8_t)(((2048 - weight) * left[first + i] + weight * right[first + i] + (1 << 21)) >> 22);
    if (channels - first >= LANES)
      memcpy(out + first, block, LANES);
    else
      memcpy(out + first, block, channels - first);
  }
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_resize_params *p = params;
  const struct tap *rows = (const struct tap *)xq_at(plan, p->rows), *columns = (const struct tap *)xq_at(plan, p->columns);
  const size_t pitch = (size_t)p->in_w * p->channels;
  int32_t *mixed = (int32_t *)worker->scratch;
  for (uint32_t t = begin; t < end; t++) {
    const uint8_t *image = xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * pitch;
    const struct tap y = rows[t % p->out_h];
    uint8_t *out = xq_at(plan, p->out) + (size_t)t * p->out_w * p->channels;
    mix_rows(image + y.low * pitch, image + y.high * pitch, (int32_t)y.weight, mixed, pitch);
    for (uint32_t i = 0; i < p->out_w; i++, out += p->channels)
      mix_columns(mixed + (size_t)columns[i].low * p->channels, mixed + (size_t)columns[i].high * p->channels, (int32_t)columns[i].weight, out, p->channels);
  }
}
