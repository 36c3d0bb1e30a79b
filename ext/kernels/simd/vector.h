/* SPDX-License-Identifier: Apache-2.0 */
/* Vectors whose names depend neither on their width nor on the processor. V(name) is `name` for LANES lanes
 * of 32 bits, HALF(name) for half of XQ_LANES:
 *   V(f32)  floats, with the operators of C
 *   V(int)  integers of 8, 16 or 32 bits, as the name of the operation says
 * LANES is XQ_LANES, a whole register, where a file does not set it. A processor is a header that defines the
 * operations of x86_lanes.inc for each of its widths. */
#pragma once
#include "simd/names.h"
#include "simd/scalar.h"
#if XQ_LANES > 1 && defined(__SSE2__)
#include "simd/x86.h"
#endif

#if XQ_LANES == 16
#define HALF_LANES 8
#elif XQ_LANES == 8
#define HALF_LANES 4
#else /* a single lane has no half */
#define HALF_LANES 1
#endif
#define HALF(name) XQ_CAT(XQ_CAT3(xq_, name, _), HALF_LANES)
#define XQ_BYTES (4 * XQ_LANES)
#define LANES XQ_LANES

/* Copies fewer than 64 bytes. */
static inline void xq_copy_few(uint8_t *to, const uint8_t *from, uint32_t count) {
#pragma GCC unroll 6
  for (uint32_t size = 32; size; size /= 2)
    if (count & size) {
      memcpy(to, from, size);
      to += size, from += size;
    }
}
