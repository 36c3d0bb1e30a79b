/* SPDX-License-Identifier: Apache-2.0 */
#include "resize/family.h"
#include "elementwise.h"

struct tap {
  uint32_t low, high, weight;
};

static inline void mix(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d, uint32_t wx, uint32_t wy, uint8_t *restrict out, uint32_t n) {
  const int32_t x1 = (int32_t)wx, x0 = 2048 - x1, y1 = (int32_t)wy, y0 = 2048 - y1;
  for (uint32_t i = 0; i < n; i++) out[i] = (uint8_t)((y0 * (x0 * a[i] + x1 * b[i]) + y1 * (x0 * c[i] + x1 * d[i]) + (1 << 21)) >> 22);
}

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_resize_params *p = params;
  const struct tap *rows = (const struct tap *)xq_at(plan, p->rows), *columns = (const struct tap *)xq_at(plan, p->columns);
  const size_t pitch = (size_t)p->in_w * p->channels;
  for (uint32_t t = begin; t < end; t++) {
    const uint8_t *image = xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * pitch;
    const struct tap y = rows[t % p->out_h];
    const uint8_t *top = image + y.low * pitch, *bottom = image + y.high * pitch;
    uint8_t *out = xq_at(plan, p->out) + (size_t)t * p->out_w * p->channels;
    for (uint32_t i = 0; i < p->out_w; i++, out += p->channels) {
      const size_t left = (size_t)columns[i].low * p->channels, right = (size_t)columns[i].high * p->channels;
      mix(top + left, top + right, bottom + left, bottom + right, columns[i].weight, y.weight, out, p->channels);
    }
  }
}
