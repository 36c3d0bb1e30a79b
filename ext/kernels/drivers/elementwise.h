/* SPDX-License-Identifier: Apache-2.0 */
/* For families whose only body is plain C. Compiled without vectorization it is the scalar kernel and the
 * specification; for wider registers the compiler vectorizes it. */
#pragma once
#include <math.h>
#include <string.h>

#include "math/clamp.h"

#define XQ_CHUNK 4096 /* elements of a tile where any cut is possible */

static inline uint32_t xq_chunk_end(uint32_t begin, uint32_t count) {
  return count - begin < XQ_CHUNK ? count : begin + XQ_CHUNK;
}
