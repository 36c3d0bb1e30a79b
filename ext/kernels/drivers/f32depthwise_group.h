/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "drivers/depthwise.h"

/* Pixels of a row that share the loads of weights and inputs: each the `dilation`-th neighbour of the one
 * before. */
struct group {
  const struct depthwise_line *l;
  const float *row[5]; /* of each kernel row the first column of inputs; they are `step` apart */
  /* or the inputs of each column, row by row; volatile: there are too many for registers */
  const float *const volatile *at;
  float *out; /* of the first pixel; they are `next` apart */
  size_t step, next;
  uint32_t pixels, channels;
  float low, high;
};

/* Columns of inputs under a group. */
XQ_INLINE int columns_of(const int size, const int stride) { return (DEPTHWISE_PIXELS - 1) * stride + size; }
