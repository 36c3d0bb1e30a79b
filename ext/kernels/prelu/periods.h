/* SPDX-License-Identifier: Apache-2.0 */
/* Runs tiles, `width` neighbours of all periods at a time. */
#pragma once
#include "prelu/family.h"

struct context; /* what a kernel prepares once */

/* Makes n results every `step` bytes, up to `rest` bytes from the first. */
typedef void map_fn(const struct context *, const int16_t *lines, const uint8_t *uppers, const uint8_t *in,
    uint8_t *out, uint32_t n, size_t step, size_t rest);

XQ_INLINE void prelu_map_periods(const struct xq_plan *plan, const struct xq_prelu_params *p, uint32_t begin,
    uint32_t end, const uint32_t width, const struct context *context, map_fn *map) {
  const int16_t *lines = (const int16_t *)xq_at(plan, p->lines);
  const uint8_t *uppers = (const uint8_t *)(lines + 3 * prelu_row(p));
  const size_t run = prelu_run(p), stop = end * run < p->count ? end * run : p->count;
  for (size_t from = begin * run; from < stop; from += run) {
    const size_t total = stop - from < run ? stop - from : run;
    for (uint32_t column = 0; column < p->period && column < total; column += width) {
      const uint32_t n = p->period - column < width ? p->period - column : width;
      map(context, lines + column, uppers + column, xq_at(plan, p->in) + from + column,
          xq_at(plan, p->out) + from + column, n, p->period, total - column);
    }
  }
}
