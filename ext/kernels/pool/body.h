/* SPDX-License-Identifier: Apache-2.0 */
#include "pool/family.h"
#include "drivers/elementwise.h"
#include "drivers/pooling.h"
#include "math/byte_sums.h"

/* WIDE bytes, and 16 of them. */
#if XQ_LANES > 1
#define WIDE XQ_BYTES
typedef V(int) wide;
typedef __m128i narrow;
#define SAME(x) V(splat8)((x))
#define GREATER(a, b) V(max8u)(a, b)
#define LESSER(a, b) V(min8u)(a, b)
#define GREATER_NARROW(a, b) _mm_max_epu8(a, b)
#else
#define WIDE 16
typedef struct {
  uint8_t bytes[WIDE];
} wide;
typedef wide narrow;
static inline wide SAME(uint8_t x) {
  wide result;
  memset(result.bytes, x, WIDE);
  return result;
}
static inline wide GREATER(wide a, wide b) {
  for (uint32_t i = 0; i < WIDE; i++) a.bytes[i] = a.bytes[i] > b.bytes[i] ? a.bytes[i] : b.bytes[i];
  return a;
}
static inline wide LESSER(wide a, wide b) {
  for (uint32_t i = 0; i < WIDE; i++) a.bytes[i] = a.bytes[i] < b.bytes[i] ? a.bytes[i] : b.bytes[i];
  return a;
}
#define GREATER_NARROW(a, b) GREATER(a, b)
#endif

static inline wide load_wide(const uint8_t *from) {
  wide x;
  memcpy(&x, from, sizeof(x));
  return x;
}
static inline narrow load_narrow(const uint8_t *from) {
  narrow x;
  memcpy(&x, from, sizeof(x));
  return x;
}

/* The maximum of each column of the window's rows, clamped; `low` stands for pixels outside of the image. */
static inline void columns(
    const struct xq_pool_params *p, const uint8_t *image, uint32_t tile, uint8_t *row) {
  const size_t pitch = (size_t)p->in_w * p->channels, left = (size_t)p->pad_left * p->channels;
  const uint32_t covered = pool_covered(p),
                 inside = covered - p->pad_left < p->in_w ? covered - p->pad_left : p->in_w;
  const size_t count = (size_t)inside * p->channels;
  const int32_t y = (int32_t)(tile % p->out_h * p->stride_h) - (int32_t)p->pad_top;
  const int32_t top = xq_clamp(y, 0, (int32_t)p->in_h),
                bottom = xq_clamp(y + (int32_t)p->kernel_h, 0, (int32_t)p->in_h);
  const wide low = SAME((uint8_t)p->low), high = SAME((uint8_t)p->high);
  memset(row, p->low, left);
  row += left;
  const uint8_t *in = image + (size_t)top * pitch;
  for (size_t c = 0; c < count; c += WIDE, in += WIDE) {
    wide max = GREATER(low, load_wide(in));
    for (size_t i = pitch, end = (size_t)(bottom - top) * pitch; i < end; i += pitch)
      max = GREATER(max, load_wide(in + i));
    max = LESSER(max, high);
    memcpy(row + c, &max, WIDE);
  }
  /* what was written too much, too */
  memset(row + count, p->low, (size_t)covered * p->channels - left - count);
}

/* 16 bytes of the maxima of a window's columns. */
static inline narrow window(const uint8_t *in, size_t channels, uint32_t width) {
  narrow max = load_narrow(in);
  for (uint32_t x = 1; x < width; x++) max = GREATER_NARROW(max, load_narrow(in += channels));
  return max;
}

/* One result for each window. Pieces of 16 bytes write too far; later pixels cover it, but for the last. */
XQ_INLINE void windows(
    const struct xq_pool_params *p, const uint8_t *row, uint8_t *out, const uint32_t width) {
  const size_t channels = p->channels, step = p->stride_w * channels, last = 15 / channels + 1;
  size_t rest = p->out_w;
  for (; rest > last; rest--, row += step, out += channels)
    for (size_t c = 0; c < channels; c += 16) {
      const narrow max = window(row + c, channels, width);
      memcpy(out + c, &max, 16);
    }
  for (; rest > 0; rest--, row += step, out += channels)
    for (size_t c = 0; c < channels; c += 16) {
      const narrow max = window(row + c, channels, width);
      memcpy(out + c, &max, channels - c < 16 ? channels - c : 16);
    }
}

static void maximum(
    const struct xq_plan *plan, const struct xq_pool_params *p, uint32_t begin, uint32_t end, uint8_t *row) {
  for (uint32_t t = begin; t < end; t++) {
    columns(p, xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * p->in_w * p->channels, t, row);
    uint8_t *out = xq_at(plan, p->out) + (size_t)t * p->out_w * p->channels;
    if (p->kernel_w == 2) windows(p, row, out, 2);
    else if (p->kernel_w == 3) windows(p, row, out, 3);
    else windows(p, row, out, p->kernel_w);
  }
}

static inline void average(const struct xq_pool_params *p, struct pooling_window w, uint8_t *restrict out) {
  const int32_t count = (int32_t)(w.height * w.width);
  const double twice = 2.0 * count;
  const int whole = w.pitch == (size_t)w.width * p->channels;
  for (uint32_t first = 0; first < p->channels; first += SUMS) {
    const uint32_t lanes = p->channels - first < SUMS ? p->channels - first : SUMS;
    int32_t sum[SUMS] = {0};
    for (uint32_t y = 0; y < (whole ? 1 : w.height); y++)
      add_bytes(w.first + y * w.pitch + first, p->channels, whole ? (uint32_t)count : w.width, sum);
    for (uint32_t c = 0; c < lanes; c++) {
      int32_t s = sum[c] - p->offset * count, magnitude = s < 0 ? -s : s;
      int32_t rounded = (int32_t)((2.0 * magnitude + count) / twice); /* exact: integers below 2^53 */
      out[first + c] = (uint8_t)xq_clamp((s < 0 ? -rounded : rounded) + p->offset, p->low, p->high);
    }
  }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_pool_params *p = params;
  if (p->average) pooling_run(plan, p, begin, end, average);
  else maximum(plan, p, begin, end, worker->scratch);
}
