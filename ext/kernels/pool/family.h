/* SPDX-License-Identifier: Apache-2.0 */
/* pool: maximum (average = 0) or average of a window; pixels outside of the image do not count. A tile is one
 * row of output pixels. The average is the exact sum over the count, rounded half away from zero. Rounding
 * away from zero is not the same for q and q + 128, so `offset` (128 for int8, 0 for uint8) is taken off
 * before. */
#define XQ_FAMILY pool
#define XQ_PARAMS(U, I, F) U(in) U(out) U(average) U(batch) U(in_h) U(in_w) U(channels) U(out_h) U(out_w) \
  U(kernel_h) U(kernel_w) U(stride_h) U(stride_w) U(pad_top) U(pad_left) I(offset) I(low) I(high)
#include "family_begin.h"

#define XQ_VALUE uint8_t

/* Columns of pixels under the windows of a row, those outside of the image among them, and the bytes of a row
 * of them in the scratch. */
static inline uint32_t pool_covered(const struct xq_pool_params *p) {
  return (p->out_w - 1) * p->stride_w + p->kernel_w;
}
static inline uint64_t pool_row(const struct xq_pool_params *p) {
  return (uint64_t)pool_covered(p) * p->channels + XQ_SLACK;
}
