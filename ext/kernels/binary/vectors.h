/* SPDX-License-Identifier: Apache-2.0 */
/* add and mul on XQ_BYTES bytes at a time; they return 0 for parameters that hardly any layer has. */
#pragma once
#include "binary/family.h"
#ifdef __AVX512VBMI__
#include "binary/add_vnni.h"
#else
#include "binary/add_digits.h"
#endif
#include "drivers/broadcast.h"
#include "math/lines.h"

/* mul turns products of 17 bits to floats, scales them, and turns them to 16 bits. */
struct multiplier {
  V(int) za, zb;
  V(f32) scale;
  struct V(range) output;
};

static inline V(int) scaled(const struct multiplier *k, V(int) product) {
  return V(round)(V(to_f32)(product) * k->scale);
}

/* Multiplies operands in 16-bit lanes. */
static inline V(int) multiply(const struct multiplier *k, V(int) a, V(int) b) {
  const V(int) x = V(sub16)(a, k->za), y = V(sub16)(b, k->zb);
  const V(int) low = V(mul16_low)(x, y), high = V(mul16_high)(x, y);
  return V(pack32s)(scaled(k, V(low16)(low, high)), scaled(k, V(high16)(low, high)));
}

static int mul_vectors(
    const struct xq_binary_params *p, const uint8_t *a, const uint8_t *b, uint8_t *out, uint32_t n) {
  const struct multiplier k = {V(splat16)(p->za), V(splat16)(p->zb), V(broadcast)(p->scale),
      V(range_of)(p->zero_point, p->low, p->high)};
  const V(int) none = V(splat8)(0);
  if (!(fabsf(p->scale) < 32768)) return 0; /* scaled products may leave int32 */
  for (uint32_t i = 0; i < n; i += XQ_BYTES) {
    const V(int) x = V(load_int)(a + i), y = V(load_int)(b + i);
    const V(int) first = multiply(&k, V(low8)(x, none), V(low8)(y, none));
    const V(int) second = multiply(&k, V(high8)(x, none), V(high8)(y, none));
    V(store_bytes)(out + i, V(finish16)(&k.output, first, second), n - i);
  }
  return 1;
}

#define ROW (MAX_LINES + XQ_SLACK)
struct row_lines { /* for mul with a table, the lines of a row of b */
  int16_t numbers[3][ROW];
  uint8_t uppers[ROW];
};

static void find_lines(const struct xq_binary_params *p, const uint8_t *table, const uint8_t *b,
    uint32_t period, struct row_lines *to) {
  const uint32_t count = p->b4 ? p->d4 : 1;
  for (uint32_t i = 0; i < count; i++) {
    for (int row = 0; row < 3; row++) to->numbers[row][i] = ((const int16_t *)table)[256 * row + b[i]];
    to->uppers[i] = table[6 * 256 + b[i]];
  }
  for (uint32_t done = count; done < period; done *= 2) {
    for (int row = 0; row < 3; row++) memcpy(to->numbers[row] + done, to->numbers[row], 2 * done);
    memcpy(to->uppers + done, to->uppers, done);
  }
}

static int mul_rows(
    const struct xq_plan *plan, const struct xq_binary_params *p, uint32_t begin, uint32_t end) {
  const uint32_t period = binary_period(p),
                 run = period < XQ_CHUNK / 16 ? XQ_CHUNK / period * period : 16 * period;
  const size_t tile = p->d4 > XQ_CHUNK ? XQ_CHUNK : (size_t)broadcast_rows(p) * p->d4,
               total = (size_t)p->d3 * p->d4;
  const size_t stop = end * tile < total ? end * tile : total;
  const V(count) shift = V(count_of)(p->shift);
  struct row_lines rows;
  find_lines(p, xq_at(plan, p->table), xq_at(plan, p->b), period, &rows);
  for (size_t from = begin * tile; from < stop; from += run) {
    const uint8_t *in = xq_at(plan, p->a) + from;
    uint8_t *out = xq_at(plan, p->out) + from;
    const uint32_t n = stop - from < run ? (uint32_t)(stop - from) : run;
    for (uint32_t column = 0; column < period && column < n; column += XQ_BYTES) {
      const V(int) uppers = V(load_int)(rows.uppers + column);
      struct line lines[2];
      load_lines(rows.numbers[0] + column, ROW, lines);
      for (uint32_t i = column; i < n; i += period)
        V(store_bytes)(out + i, points(V(load_int)(in + i), uppers, lines, shift), n - i);
    }
  }
  return 1;
}
