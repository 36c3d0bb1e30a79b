/* SPDX-License-Identifier: Apache-2.0 */
#include "resize/family.h"
#include "drivers/elementwise.h"

struct tap {
  uint32_t low, high, weight;
};

/* One output row, in T, which holds every sum; LANES channels at a time. Reads of mixed rows may go LANES - 1
 * beyond the last, into the scratch's slack. The channels that do not fill LANES come first: what is written
 * too much for a pixel, the next pixel or the others of its channels cover. */
#define ROW(T, LANES) \
  static inline void mix_rows_##T(const uint8_t *top, const uint8_t *bottom, T low, T high, \
      T *restrict mixed, size_t count) { \
    for (size_t i = 0; i < count; i++) mixed[i] = (T)(low * top[i] + high * bottom[i]); \
  } /* LANES channels, n of them wanted, \
      of all pixels. What lies between two pixels is kept for all outputs there. */ \
  static inline void mix_columns_##T(const T *mixed, const struct tap *columns, size_t channels, T one, \
      T half, T shift, uint8_t *out, size_t room, size_t n) {\
    typedef T sums __attribute__((vector_size(LANES * sizeof(T)))); \
    typedef uint8_t bytes __attribute__((vector_size(LANES))); \
    sums left, right, start = {0}, step = {0}; \
    for (uint32_t low = UINT32_MAX, high = 0; room; columns++, out += channels, room -= channels) { \
      if (columns->low != low || columns->high != high) { \
        low = columns->low, high = columns->high; \
        memcpy(&left, mixed + low * channels, sizeof(left)); \
        memcpy(&right, mixed + high * channels, sizeof(right)); \
        start = left * one + half, step = right - left; \
      } \
      const bytes block = __builtin_convertvector((start + step * (T)columns->weight) >> shift, bytes); \
      if (room >= channels + LANES) \
        memcpy(out, &block, LANES); \
      else \
        memcpy(out, &block, n); \
    } \
  } \
  static void row_##T(const struct xq_resize_params *p, const uint8_t *image, const struct tap y, \
      const struct tap *columns, T *mixed, uint8_t *out) { \
    const size_t channels = p->channels, pitch = p->in_w * channels, room = p->out_w * channels; \
    const uint32_t n = p->row_bits + p->column_bits, rest = p->channels % LANES; \
    const T one = (T)(1u << p->column_bits), half = (T)(1u << n >> 1); \
    mix_rows_##T(image + y.low * pitch, image + y.high * pitch, (T)((1u << p->row_bits) - y.weight), \
        (T)y.weight, mixed, pitch); \
    if (rest) mix_columns_##T(mixed + channels - rest, columns, channels, one, half, (T)n, out + \
        channels - rest, room, rest); \
    for (size_t c = 0; c + LANES <= channels; c += LANES) mix_columns_##T(mixed + c, columns, channels, \
        one, half, (T)n, out + c, room, LANES); \
  }

#define VECTOR (XQ_LANES > 1 ? 4 * XQ_LANES : 16) /* bytes */
ROW(uint16_t, (VECTOR / 2))
ROW(uint32_t, (VECTOR / 4))

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct xq_resize_params *p = params;
  const struct tap *rows = (const struct tap *)xq_at(plan, p->rows),
                   *columns = (const struct tap *)xq_at(plan, p->columns);
  for (uint32_t t = begin; t < end; t++) {
    const uint8_t *image = xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * p->in_w * p->channels;
    uint8_t *out = xq_at(plan, p->out) + (size_t)t * p->out_w * p->channels;
    if (p->row_bits + p->column_bits <= 8)
      row_uint16_t(p, image, rows[t % p->out_h], columns, (uint16_t *)worker->scratch, out);
    else row_uint32_t(p, image, rows[t % p->out_h], columns, (uint32_t *)worker->scratch, out);
  }
}
