/* SPDX-License-Identifier: Apache-2.0 */
#include "igemm/driver.h"

/* Bytes of one block of `width` channels. */
static uint64_t block_bytes(const struct xq_row *row, uint64_t width, uint64_t taps, uint64_t tap_bytes) {
  return sizeof(struct igemm_block) + width * (12 + taps * tap_bytes * row->weight_bytes);
}

static const char *check_window(const struct xq_igemm_params *p) {
  const uint32_t limit = 1u << 24;
  if (!p->batch || !p->in_h || !p->in_w || !p->in_c || !p->out_h || !p->out_w || !p->out_c || !p->kernel_h || !p->kernel_w || !p->stride_h ||
      !p->stride_w || !p->dilation_h || !p->dilation_w)
    return "igemm: a size is zero";
  if (p->in_h > limit || p->in_w > limit || p->in_c > limit || p->out_c > limit || p->out_h > limit || p->out_w > limit || p->in_pixel > limit ||
      p->out_pixel > limit || p->kernel_h > limit || p->kernel_w > limit || p->stride_h > limit || p->stride_w > limit || p->dilation_h > limit ||
      p->dilation_w > limit || p->batch > limit || p->pad_top > (int32_t)limit || p->pad_left > (int32_t)limit || p->pad_top < -(int32_t)limit ||
      p->pad_left < -(int32_t)limit || p->out_row > XQ_MAX_ELEMENTS || p->out_image > XQ_MAX_ELEMENTS)
    return "igemm: a size is too large";
  if (p->in_c > p->in_pixel || p->out_c > p->out_pixel) return "igemm: more channels than the pixel's stride";
  if (xq_volume(p->batch, p->in_h, p->in_w) > XQ_MAX_ELEMENTS || xq_volume(p->batch, p->out_h, p->out_w) > XQ_MAX_ELEMENTS ||
      (uint64_t)p->out_h * p->stride_h > 0x3fffffffu ||
      (uint64_t)p->out_w * p->stride_w > 0x3fffffffu || (uint64_t)p->kernel_h * p->dilation_h > 0x3fffffffu ||
      (uint64_t)p->kernel_w * p->dilation_w > 0x3fffffffu || (uint64_t)p->kernel_h * p->kernel_w * p->in_c > 0x3fffffffu)
    return "igemm: a size overflows";
  return NULL;
}

static const char *validate(const struct xq_plan *plan, const void *params, const struct xq_row *row, struct xq_need *need) {
  const struct xq_igemm_params *p = params;
  const char *error = check_window(p);
  if (error) return error;
  uint64_t taps = p->row_taps ? p->kernel_h : (uint64_t)p->kernel_h * p->kernel_w, wanted = p->row_taps ? (uint64_t)p->kernel_w * p->in_c : p->in_c;
  if (p->row_taps && (p->dilation_w != 1 || p->in_pixel != p->in_c)) return "igemm: the taps of a row do not lie side by side";
  if (p->tap_bytes < wanted || p->tap_bytes % row->depth || p->tap_bytes >= wanted + row->depth) return "igemm: the width of a tap does not fit";
  if (!p->vectors || p->vectors > 2 || !p->tail || p->tail > p->vectors) return "igemm: unknown tile";
  if (!p->rows || p->rows > row->tile_rows[p->vectors - 1] || p->rows > row->tile_rows[p->tail - 1]) return "igemm: unknown tile";
  uint64_t width = p->vectors * row->lanes, whole = (p->out_c - 1) / width;
  uint64_t rest = p->out_c - whole * width;
  if (p->tail * row->lanes < rest) return "igemm: the last block is too narrow";
  uint64_t bytes = whole * block_bytes(row, width, taps, p->tap_bytes) + block_bytes(row, p->tail * row->lanes, taps, p->tap_bytes);
  if (!xq_holds(plan, p->weights, bytes) || p->weights % 4) return "igemm: weights outside of the plan";
  if (!xq_holds(plan, p->zero, wanted)) return "igemm: zero row outside of the plan";
  if (!xq_holds(plan, p->in, ((uint64_t)p->batch * p->in_h * p->in_w - 1) * p->in_pixel + p->in_c)) return "igemm: input outside of the plan";
  if (!xq_writes(plan, p->out, (uint64_t)(p->batch - 1) * p->out_image + (uint64_t)(p->out_h - 1) * p->out_row + (uint64_t)(p->out_w - 1) * p->out_pixel + p->out_c))
    return "igemm: output outside of the arena";
  uint64_t scratch = igemm_pointer_bytes(p) + igemm_copy_bytes(p);
  if (row->weight_bytes == 2) scratch += 2 * p->rows * taps * p->tap_bytes + XQ_ALIGN;
  need->scratch = scratch;
  if (p->low < 0 || p->high > 255 || p->low > p->high || p->zero_point < 0 || p->zero_point > 255) return "igemm: clamp outside of 8 bits";
  need->tiles = igemm_pixel_tiles(p);
  return NULL;
}

#include "family_table.h"
