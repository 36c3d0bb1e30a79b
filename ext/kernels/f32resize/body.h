/* SPDX-License-Identifier: Apache-2.0 */
#include "f32resize/family.h"
#include "elementwise.h"

static inline float mix(float low, float high, float weight) { return low + (high - low) * weight; }

void XQ_RUN(const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_f32resize_params *p = params;
  const struct f32resize_tap *rows = (const struct f32resize_tap *)xq_at(plan, p->rows), *columns = (const struct f32resize_tap *)xq_at(plan, p->columns);
  const uint32_t channels = p->channels;
  const size_t pitch = (size_t)p->in_w * channels;
  for (uint32_t t = begin; t < end; t++) {
    const struct f32resize_tap y = rows[t % p->out_h];
    const float *image = (const float *)xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * pitch, *top = image + y.low * pitch,
                *bottom = image + y.high * pitch;
    float *restrict out = (float *)xq_at(plan, p->out) + (size_t)t * p->out_w * channels;
    for (uint32_t i = 0; i < p->out_w; i++, out += channels) {
      const size_t left = (size_t)columns[i].low * channels, right = (size_t)columns[i].high * channels;
      const float across = columns[i].weight;
      for (uint32_t c = 0; c < channels; c++)
        out[c] = mix(mix(top[left + c], top[right + c], across), mix(bottom[left + c], bottom[right + c], across), y.weight);
    }
  }
}
