/* SPDX-License-Identifier: Apache-2.0 */
/* Families whose one body is plain C: as the scalar kernel it is compiled without vectorization and is the specification, for wider registers the compiler
 * vectorizes the same text. */
#include <math.h>
#include <string.h>

#define XQ_CHUNK 4096 /* elements of a tile where any cut is possible */

static inline int32_t xq_clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : x > high ? high : x; }
static inline float xq_clampf(float x, float low, float high) { return x < low ? low : x > high ? high : x; }
static inline uint32_t xq_chunk_end(uint32_t begin, uint32_t count) { return count - begin < XQ_CHUNK ? count : begin + XQ_CHUNK; }
