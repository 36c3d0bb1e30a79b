/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/family.h"
#include "elementwise.h"
#include "pooling.h"
#include "sums.h"

static inline uint8_t greater(uint8_t a, uint8_t b) { return a > b ? a : b; }
static inline uint8_t lesser(uint8_t a, uint8_t b) { return a < b ? a : b; }

/* The greatest of each column of the window's rows, clamped; `low` stands for pixels outside of the image. */
static inline void columns(const struct xq_pool_params *p, const uint8_t *image, uint32_t tile, uint8_t *restrict row) {
  const size_t pitch = (size_t)p->in_w * p->channels;
  const uint32_t covered = pool_covered(p), inside = covered - p->pad_left < p->in_w ? covered - p->pad_left : p->in_w;
  const size_t count = (size_t)inside * p->channels;
  const int32_t y = (int32_t)(tile % p->out_h * p->stride_h) - (int32_t)p->pad_top;
  const int32_t top = xq_clamp(y, 0, (int32_t)p->in_h), bottom = xq_clamp(y + (int32_t)p->kernel_h, 0, (int32_t)p->in_h);
  const uint8_t high = (uint8_t)p->high;
  memset(row, p->low, (size_t)covered * p->channels);
  row += (size_t)p->pad_left * p->channels;
  for (int32_t i = top; i < bottom; i++) {
    const uint8_t *in = image + (size_t)i * pitch;
    for (size_t c = 0; c < count; c++) row[c] = greater(row[c], lesser(in[c], high));
  }
}

/* out[c] = the greatest of the window's columns from row[c] on. */
static inline void windows(const struct xq_pool_params *p, const uint8_t *restrict row, uint8_t *restrict out) {
  const size_t count = ((size_t)(p->out_w - 1) * p->stride_w + 1) * p->channels;
  memcpy(out, row, count);
  for (uint32_t x = 1; x < p->kernel_w; x++) {
    row += p->channels;
    for (size_t c = 0; c < count; c++) out[c] = greater(out[c], row[c]);
  }
}

/* Every stride_w-th pixel. Pieces of 16 bytes are quick; what they write too much, the next pixels cover, but for the last ones. */
static inline void pick(const struct xq_pool_params *p, const uint8_t *in, uint8_t *out) {
  const size_t channels = p->channels, step = p->stride_w * channels, last = 15 / channels + 1;
  for (size_t i = p->out_w; i > 0; i--, in += step, out += channels)
    if (i > last)
      for (size_t c = 0; c < channels; c += 16) memcpy(out + c, in + c, 16);
    else
      memcpy(out, in, channels);
}

static void maximum(const struct xq_plan *plan, const struct xq_pool_params *p, uint32_t begin, uint32_t end, uint8_t *row) {
  uint8_t *greatest = row + pool_row(p);
  for (uint32_t t = begin; t < end; t++) {
    columns(p, xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * p->in_w * p->channels, t, row);
    windows(p, row, greatest);
    pick(p, greatest, xq_at(plan, p->out) + (size_t)t * p->out_w * p->channels);
  }
}

static inline void average(const struct xq_pool_params *p, struct pooling_window w, uint8_t *restrict out) {
  const int32_t count = (int32_t)(w.height * w.width);
  const double twice = 2.0 * count;
  const int whole = w.pitch == (size_t)w.width * p->channels;
  for (uint32_t first = 0; first < p->channels; first += SUMS) {
    const uint32_t lanes = p->channels - first < SUMS ? p->channels - first : SUMS;
    int32_t sum[SUMS] = {0};
    for (uint32_t y = 0; y < (whole ? 1 : w.height); y++) add_bytes(w.first + y * w.pitch + first, p->channels, whole ? (uint32_t)count : w.width, sum);
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
    maximum(plan, p, begin, end, worker->scratch);
}
