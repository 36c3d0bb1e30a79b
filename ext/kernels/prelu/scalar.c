/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_VARIANT body
#include "prelu/periods.h"

struct context {
  const struct xq_prelu_params *p;
};

static struct context prepare(const struct xq_prelu_params *p) { return (struct context){p}; }

static void map(const struct context *context, const int16_t *lines, const uint8_t *uppers, const uint8_t *in,
    uint8_t *out, uint32_t n, size_t step, size_t rest) {
  const struct xq_prelu_params *p = context->p;
  const int16_t *lows = lines + prelu_row(p), *biases = lows + prelu_row(p);
  for (size_t from = 0; from < rest; from += step)
    for (uint32_t i = 0; i < n && from + i < rest; i++) {
      const uint8_t x = in[from + i];
      out[from + i] =
          (uint8_t)(x < p->in_zero
                        ? prelu_point(p->in_zero - x, lines[i], lows[i], biases[i], uppers[i], p->shift)
                        : prelu_point(x - p->in_zero, p->high, p->low, p->bias, p->upper, p->shift));
    }
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  const struct context context = prepare(params);
  prelu_map_periods(plan, params, begin, end, 64, &context, map);
}
