/* SPDX-License-Identifier: Apache-2.0 */
/* What node.c of both LSTM families checks. */
#pragma once
#include "xq.h"

/* Sizes of at least 1, and tensors of at most XQ_MAX_ELEMENTS: their bytes then fit 64 bits in any sum. */
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
