/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_VARIANT body
#include "lut/family.h"
#include "drivers/elementwise.h"

static void map(const uint8_t *table, const uint8_t *in, uint8_t *out, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) out[i] = table[in[i]];
}

#include "lut/body.h"
