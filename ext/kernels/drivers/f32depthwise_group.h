/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
#include "drivers/depthwise.h"

/* Pixels of a row, `dilation` apart, that share the loads of weights and inputs. */
struct group {
  const struct depthwise_line *l;
  const float *row[5]; /* each kernel row's inputs, in columns that lie `step` apart */
  /* or the inputs of each column; volatile keeps them out of registers, of which there are too few */
  const float *const volatile *at;
  float *out; /* of the first pixel; pixels are `next` apart */
  size_t step, next;
  uint32_t pixels, channels;
  float low, high;
};

/* The columns of inputs that a group reads. */
XQ_INLINE int columns_of(const int size, const int stride) { return (DEPTHWISE_PIXELS - 1) * stride + size; }
