/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by the families of depthwise convolution: the taps of a row of output pixels, and the checks. The
 * family.h that comes first defines XQ_VALUE, the type of the activations. */
#pragma once
#ifndef XQ_FAMILY
#include "dwconv/family.h"
#endif

typedef struct XQ_CAT3(xq_, XQ_FAMILY, _params) conv_params;

#define DEPTHWISE_PIXELS 4 /* neighbours that share each load of weights, in the families of floats */

struct depthwise_line { /* a row of output pixels */
  const conv_params *p;
  const XQ_VALUE *image, *zero;
  int32_t y;  /* of the first kernel row in the input, may be negative */
  int inside; /* all kernel rows lie in the image */
  XQ_VALUE *out;
  const uint8_t *weights;
  uint8_t *scratch;
};

/* Sets the pointers to the taps of output pixel x, `step` apart. */
static inline void depthwise_point(
    const struct depthwise_line *l, uint32_t x, const XQ_VALUE **taps, size_t step) {
  const conv_params *p = l->p;
  int32_t left = (int32_t)(x * p->stride_w) - (int32_t)p->pad_left;
  if (l->inside && left >= 0 && left + (int32_t)((p->kernel_w - 1) * p->dilation_w) < (int32_t)p->in_w) {
    const size_t down = (size_t)p->dilation_h * p->in_w * p->in_pixel,
                 across = (size_t)p->dilation_w * p->in_pixel;
    const XQ_VALUE *line = l->image + ((size_t)l->y * p->in_w + (size_t)left) * p->in_pixel;
    for (uint32_t ky = p->kernel_h; ky; ky--, line += down)
      for (uint32_t kx = 0; kx < p->kernel_w; kx++, taps += step) *taps = line + kx * across;
    return;
  }
  for (uint32_t ky = 0; ky < p->kernel_h; ky++) {
    int32_t iy = l->y + (int32_t)(ky * p->dilation_h);
    int inside = iy >= 0 && iy < (int32_t)p->in_h;
    for (uint32_t kx = 0; kx < p->kernel_w; kx++, taps += step) {
      int32_t ix = left + (int32_t)(kx * p->dilation_w);
      *taps = inside && ix >= 0 && ix < (int32_t)p->in_w
                  ? l->image + ((size_t)iy * p->in_w + (size_t)ix) * p->in_pixel
                  : l->zero;
    }
  }
}

static inline struct depthwise_line depthwise_line_of(
    const struct xq_plan *plan, const conv_params *p, uint32_t image, uint32_t y, struct xq_worker *worker) {
  const int32_t top = (int32_t)(y * p->stride_h) - (int32_t)p->pad_top;
  return (struct depthwise_line){
      .p = p,
      .image = (const XQ_VALUE *)xq_at(plan, p->in) + (size_t)image * p->in_h * p->in_w * p->in_pixel,
      .zero = (const XQ_VALUE *)xq_at(plan, p->zero),
      .y = top,
      .inside = top >= 0 && top + (int32_t)((p->kernel_h - 1) * p->dilation_h) < (int32_t)p->in_h,
      .out = (XQ_VALUE *)xq_at(plan, p->out) + ((size_t)image * p->out_h + y) * p->out_w * p->out_pixel,
      .weights = xq_at(plan, p->weights),
      .scratch = worker->scratch,
  };
}

static inline void depthwise_run(const struct xq_plan *plan, const conv_params *p, uint32_t begin,
    uint32_t end, struct xq_worker *worker, void (*run)(const struct depthwise_line *)) {
  for (uint32_t t = begin; t < end; t++) {
    const struct depthwise_line line = depthwise_line_of(plan, p, t / p->out_h, t % p->out_h, worker);
    run(&line);
  }
}

/* Kernels whose lanes are channels need as many inputs as outputs. */
static inline int depthwise_fits(const struct xq_kernel *kernel, const void *params) {
  return kernel->nr == 1 || ((const conv_params *)params)->multiplier == 1;
}

/* Checks all but the weights and the clamp. */
static inline const char *depthwise_check(
    const struct xq_plan *plan, const conv_params *p, struct xq_need *need) {
  const uint32_t limit = XQ_MAX_SIDE;
  if (!p->batch || !p->in_h || !p->in_w || !p->in_c || !p->out_h || !p->out_w || !p->out_c || !p->kernel_h ||
      !p->kernel_w || !p->stride_h || !p->stride_w || !p->dilation_h || !p->dilation_w || !p->multiplier)
    return XQ_STR(XQ_FAMILY) ": a size is zero";
  if (p->batch > limit || p->in_h > limit || p->in_w > limit || p->in_c > limit || p->out_c > limit ||
      p->out_h > limit || p->out_w > limit || p->in_pixel > limit || p->out_pixel > limit ||
      p->kernel_h > limit || p->kernel_w > limit || p->stride_h > limit || p->stride_w > limit ||
      p->dilation_h > limit || p->dilation_w > limit || p->pad_top > limit || p->pad_left > limit ||
      p->multiplier > limit)
    return XQ_STR(XQ_FAMILY) ": a size is too large";
  if (p->in_c > p->in_pixel || p->out_c > p->out_pixel || (uint64_t)p->in_c * p->multiplier != p->out_c)
    return XQ_STR(XQ_FAMILY) ": channels do not fit";
  if (xq_volume(p->batch, p->in_h, p->in_w) > XQ_MAX_ELEMENTS ||
      xq_volume(p->batch, p->out_h, p->out_w) > XQ_MAX_ELEMENTS ||
      (uint64_t)p->out_h * p->stride_h > 0x3fffffffu || (uint64_t)p->out_w * p->stride_w > 0x3fffffffu ||
      (uint64_t)p->kernel_h * p->dilation_h > 0x3fffffffu ||
      (uint64_t)p->kernel_w * p->dilation_w > 0x3fffffffu || (uint64_t)p->kernel_h * p->kernel_w > 0xffffffu)
    return XQ_STR(XQ_FAMILY) ": a size overflows";
  const uint64_t size = sizeof(XQ_VALUE);
  if (p->in % size || p->out % size || p->zero % size) return XQ_STR(XQ_FAMILY) ": a tensor is not aligned";
  if (!xq_holds(plan, p->zero, size * p->in_c)) return XQ_STR(XQ_FAMILY) ": zero row outside of the plan";
  if (!xq_holds(plan, p->in, size * (((uint64_t)p->batch * p->in_h * p->in_w - 1) * p->in_pixel + p->in_c)))
    return XQ_STR(XQ_FAMILY) ": input outside of the plan";
  if (!xq_writes(
          plan, p->out, size * (((uint64_t)p->batch * p->out_h * p->out_w - 1) * p->out_pixel + p->out_c)))
    return XQ_STR(XQ_FAMILY) ": output outside of the arena";
  need->tiles = p->batch * p->out_h;
  return NULL;
}

/* Checks a node of floats, whose blocks have `head` vectors in front of the weights. */
static inline const char *depthwise_check_floats(const struct xq_plan *plan, const conv_params *p,
    const struct xq_kernel *kernel, uint32_t head, struct xq_need *need) {
  const char *error = depthwise_check(plan, p, need);
  if (error) return error;
  if (!depthwise_fits(kernel, p)) return XQ_STR(XQ_FAMILY) ": this kernel needs a depth multiplier of 1";
  const uint64_t taps = (uint64_t)p->kernel_h * p->kernel_w,
                 channels = (p->out_c + kernel->nr - 1) / kernel->nr * kernel->nr;
  if (p->weights % 4 || !xq_holds(plan, p->weights, channels * (head + taps) * kernel->weight_bytes))
    return XQ_STR(XQ_FAMILY) ": weights outside of the plan";
  if (!(p->low <= p->high)) return XQ_STR(XQ_FAMILY) ": no clamp";
  need->scratch = taps * DEPTHWISE_PIXELS * sizeof(void *);
  return NULL;
}
