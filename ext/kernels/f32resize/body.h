/* SPDX-License-Identifier: Apache-2.0 */
#include "f32resize/family.h"
#include "drivers/elementwise.h"
#include "simd/vector.h"

static inline V(f32) mix(V(f32) low, V(f32) high, float weight) { return low + (high - low) * weight; }

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32resize_params *p = params;
  const struct f32resize_tap *rows = (const struct f32resize_tap *)xq_at(plan, p->rows),
                             *columns = (const struct f32resize_tap *)xq_at(plan, p->columns);
  const uint32_t channels = p->channels, width = p->out_w;
  const size_t pitch = (size_t)p->in_w * channels;
  for (uint32_t t = begin; t < end; t++) {
    const struct f32resize_tap y = rows[t % p->out_h];
    const float *image = (const float *)xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * pitch,
                *top = image + y.low * pitch, *bottom = image + y.high * pitch;
    float *out = (float *)xq_at(plan, p->out) + (size_t)t * width * channels;
    for (uint32_t i = 0; i < width; i++, out += channels) {
      const struct f32resize_tap x = columns[i];
      const size_t left = (size_t)x.low * channels, right = (size_t)x.high * channels;
      for (uint32_t c = 0; c < channels; c += LANES) {
        const V(f32) above = mix(V(load)(top + left + c), V(load)(top + right + c), x.weight);
        const V(f32) below = mix(V(load)(bottom + left + c), V(load)(bottom + right + c), x.weight);
        V(store_some)(out + c, mix(above, below, y.weight), channels - c);
      }
    }
  }
}
