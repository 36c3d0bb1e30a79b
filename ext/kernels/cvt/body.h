/* SPDX-License-Identifier: Apache-2.0 */
#include "cvt/family.h"
#include "drivers/elementwise.h"

static inline void quantize(
    const struct xq_cvt_params *p, const float *in, uint8_t *restrict out, uint32_t n) {
  const float scale = p->scale, low = (float)(p->low - p->zero_point),
              high = (float)(p->high - p->zero_point);
  const int32_t zero = p->zero_point;
  /* a NaN becomes the largest value, as in LiteRT, on every instruction set */
  for (uint32_t i = 0; i < n; i++) {
    float x = in[i] * scale;
    x = x < high ? x : high;
    x = x > low ? x : low;
    out[i] = (uint8_t)((int32_t)rintf(x) + zero);
  }
}

static inline void dequantize(
    const struct xq_cvt_params *p, const uint8_t *in, float *restrict out, uint32_t n) {
  const float scale = p->scale;
  const int32_t zero = p->zero_point;
  for (uint32_t i = 0; i < n; i++) out[i] = (float)(in[i] - zero) * scale;
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_cvt_params *p = params;
  for (uint32_t t = begin; t < end; t++) {
    uint32_t first = t * XQ_CHUNK, n = xq_chunk_end(first, p->count) - first;
    if (p->to_float) dequantize(p, xq_at(plan, p->in) + first, (float *)xq_at(plan, p->out) + first, n);
    else quantize(p, (const float *)xq_at(plan, p->in) + first, xq_at(plan, p->out) + first, n);
  }
}
