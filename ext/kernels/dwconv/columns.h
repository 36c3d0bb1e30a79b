/* SPDX-License-Identifier: Apache-2.0 */
/* Depthwise convolution with any window: the input columns of a segment of output pixels are interleaved to
 * scratch, then eight pixels are summed in registers. Blocks are four vectors wide, the widest come first. */
#define WIDEST (XQ_NR / 4) /* lanes of the widest vectors */

#include "dwconv/driver.h"
#include "simd/vector.h"

#undef LANES
#define LANES 4
#include "dwconv/columns_block.h"
#undef LANES
#if WIDEST >= 8
#define LANES 8
#include "dwconv/columns_block.h"
#undef LANES
#endif
#if WIDEST >= 16
#define LANES 16
#include "dwconv/columns_block.h"
#undef LANES
#endif

static void run(const struct depthwise_line *l) {
  const uint8_t *weights = l->weights;
  const uint32_t channels = l->p->out_c;
  uint32_t c = 0;
#if WIDEST >= 16
  for (; channels - c >= 64; c += 64) weights = xq_columns_16(l, weights, c);
#endif
#if WIDEST >= 8
  for (; channels - c >= 32; c += 32) weights = xq_columns_8(l, weights, c);
#endif
  for (; c < channels; c += 16) weights = xq_columns_4(l, weights, c);
}

void XQ_RUN(
    const struct xq_plan *plan, const void *params, uint32_t begin, uint32_t end, struct xq_worker *worker) {
  depthwise_run(plan, params, begin, end, worker, run);
}
