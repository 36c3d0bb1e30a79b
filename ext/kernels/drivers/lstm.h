/* SPDX-License-Identifier: Apache-2.0 */
/* The checks that both LSTM families share. */
#pragma once
#include "xq.h"

/* Is each size at least 1, each tensor at most XQ_MAX_ELEMENTS? Sums of their bytes then fit 64 bits. */
static inline int xq_lstm_fits(uint32_t batch, uint32_t steps, uint32_t inputs, uint32_t cells,
    uint32_t outputs, uint32_t gates, uint32_t projected) {
  if (!batch || !steps || !inputs || !cells || !outputs || (gates != 3 && gates != 4) ||
      (!projected && cells != outputs))
    return 0;
  return xq_volume(batch, steps, inputs) <= XQ_MAX_ELEMENTS &&
         xq_volume(batch, steps, outputs) <= XQ_MAX_ELEMENTS &&
         xq_volume(gates, cells, inputs) <= XQ_MAX_ELEMENTS &&
         xq_volume(gates, cells, outputs) <= XQ_MAX_ELEMENTS && xq_volume(batch, cells, 1) <= XQ_MAX_ELEMENTS;
}
