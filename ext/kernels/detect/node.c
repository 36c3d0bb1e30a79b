/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/family.h"

static const char *validate(
    const struct xq_plan *plan, const void *params, const struct xq_kernel *kernel, struct xq_need *need) {
  const struct xq_detect_params *p = params;
  const uint64_t item = p->quantized ? 1 : 4, count = p->count, results = (uint64_t)p->most * p->per_box;
  if (!count || !p->classes || !results || count > XQ_MAX_ELEMENTS || p->classes > XQ_MAX_ELEMENTS ||
      results > XQ_MAX_ELEMENTS || p->per_class > XQ_MAX_ELEMENTS)
    return "detect: a size is zero or too large";
  if (p->box_width < 4 || p->score_width < p->classes || p->quantized > 1 || p->regular > 1 ||
      p->box_zero < 0 || p->box_zero > 255 || p->score_zero < 0 || p->score_zero > 255 ||
      p->anchor_zero < 0 || p->anchor_zero > 255)
    return "detect: parameters out of range";
  if (p->boxes % item || p->scores % item || p->anchors % item || p->corners % 4 || p->labels % 4 ||
      p->out_scores % 4 || p->found % 4)
    return "detect: a tensor is not aligned";
  if (!xq_holds(plan, p->boxes, item * p->box_width * count) ||
      !xq_holds(plan, p->scores, item * p->score_width * count) ||
      !xq_holds(plan, p->anchors, item * 4 * count) || !xq_writes(plan, p->corners, 16 * results) ||
      !xq_writes(plan, p->labels, 4 * results) || !xq_writes(plan, p->out_scores, 4 * results) ||
      !xq_writes(plan, p->found, 4))
    return "detect: outside of the plan";
#define BYTES(type, name, number) need->scratch += sizeof(type) * (number);
  XQ_DETECT_SCRATCH(BYTES)
  need->tiles = 1;
  return NULL;
}

#include "family_table.h"
