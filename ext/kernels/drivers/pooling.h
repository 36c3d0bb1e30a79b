/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the pooling families: the part of a window that lies in the image, and the checks. A tile is a
 * row of output pixels. The family.h that comes first defines XQ_VALUE, the type of the elements. */
#pragma once
#ifndef XQ_FAMILY
#include "pool/family.h"
#endif
#include "math/clamp.h"

typedef struct XQ_CAT3(xq_, XQ_FAMILY, _params) pooling_params;

struct pooling_window { /* rows are `pitch` elements apart */
  const XQ_VALUE *first;
  uint32_t height, width;
  size_t pitch;
};

XQ_INLINE void pooling_run(const struct xq_plan *plan, const pooling_params *p, uint32_t begin, uint32_t end,
    void (*pool)(const pooling_params *, struct pooling_window, XQ_VALUE *)) {
  const size_t pitch = (size_t)p->in_w * p->channels;
  for (uint32_t t = begin; t < end; t++) {
    const XQ_VALUE *image = (const XQ_VALUE *)xq_at(plan, p->in) + (size_t)(t / p->out_h) * p->in_h * pitch;
    XQ_VALUE *out = (XQ_VALUE *)xq_at(plan, p->out) + (size_t)t * p->out_w * p->channels;
    int32_t y = (int32_t)(t % p->out_h * p->stride_h) - (int32_t)p->pad_top;
    int32_t top = xq_clamp(y, 0, (int32_t)p->in_h),
            bottom = xq_clamp(y + (int32_t)p->kernel_h, 0, (int32_t)p->in_h);
    for (uint32_t ox = 0; ox < p->out_w; ox++, out += p->channels) {
      int32_t x = (int32_t)(ox * p->stride_w) - (int32_t)p->pad_left;
      int32_t left = xq_clamp(x, 0, (int32_t)p->in_w),
              right = xq_clamp(x + (int32_t)p->kernel_w, 0, (int32_t)p->in_w);
      pool(p,
          (struct pooling_window){image + (size_t)top * pitch + (size_t)left * p->channels,
              (uint32_t)(bottom - top), (uint32_t)(right - left), pitch},
          out);
    }
  }
}

static inline const char *pooling_check(
    const struct xq_plan *plan, const pooling_params *p, struct xq_need *need) {
  const uint32_t sizes[] = {p->batch, p->in_h, p->in_w, p->channels, p->out_h, p->out_w, p->kernel_h,
      p->kernel_w, p->stride_h, p->stride_w};
  for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    if (!sizes[i] || sizes[i] > XQ_MAX_SIDE) return XQ_STR(XQ_FAMILY) ": a size is zero or too large";
  if (p->pad_top >= p->kernel_h || p->pad_left >= p->kernel_w)
    return XQ_STR(XQ_FAMILY) ": more padding than kernel";
  if ((uint64_t)(p->out_h - 1) * p->stride_h >= (uint64_t)p->in_h + p->pad_top ||
      (uint64_t)(p->out_w - 1) * p->stride_w >= (uint64_t)p->in_w + p->pad_left)
    return XQ_STR(XQ_FAMILY) ": a window without a pixel";
  if ((uint64_t)p->kernel_h * p->kernel_w > 1u << 22) return XQ_STR(XQ_FAMILY) ": the window is too large";
  uint64_t in = xq_volume(p->batch, p->in_h, p->in_w), out = xq_volume(p->batch, p->out_h, p->out_w),
           bytes = p->channels * sizeof(XQ_VALUE);
  if (p->in % sizeof(XQ_VALUE) || p->out % sizeof(XQ_VALUE) || in > XQ_MAX_ELEMENTS ||
      out > XQ_MAX_ELEMENTS || !xq_holds(plan, p->in, in * bytes) || !xq_writes(plan, p->out, out * bytes))
    return XQ_STR(XQ_FAMILY) ": outside of the plan";
  need->tiles = p->batch * p->out_h;
  return NULL;
}
