/* SPDX-License-Identifier: Apache-2.0 */
/* Square windows in blocks of LANES channels: a block's weights stay in registers, and each column of inputs
 * is loaded once for all pixels of a group. */
#ifndef XQ_FAMILY
#include "f32dwconv/family.h"
#endif
#include "drivers/f32depthwise_group.h"
#include "simd/vector.h"

/* Computes the channels from c on. With `edge` inputs are at g.at, and pixels may be missing. */
XQ_INLINE void V(sums)(
    const int size, const int stride, const int edge, const struct group g, uint32_t c, const float *head) {
  V(f32) w[25], acc[DEPTHWISE_PIXELS];
  XQ_EACH(k, size * size) w[k] = V(load)(head + (HEAD + k) * XQ_LANES);
  XQ_EACH(i, DEPTHWISE_PIXELS) acc[i] = FIRST(head);
  XQ_EACH(x, columns_of(size, stride))
    XQ_EACH(y, size) {
      V(f32) in = V(load)((edge ? g.at[x * size + y] : g.row[y] + (size_t)x * g.step) + c);
      XQ_PIN(in);
      XQ_EACH(i, DEPTHWISE_PIXELS)
        if (x >= i * stride && x < i * stride + size) {
          acc[i] = V(fma)(in, w[(x - i * stride) * size + y], acc[i]);
          XQ_PIN(acc[i]);
        }
    }
  const uint32_t rest = g.channels - c;
  float *out = g.out + c;
  XQ_EACH(i, DEPTHWISE_PIXELS)
    if (!edge || (uint32_t)i < g.pixels)
      V(store_some)(out + (size_t)i * g.next, V(clamp)(FINISH(g.l, acc[i], head), g.low, g.high), rest);
}
