/* SPDX-License-Identifier: Apache-2.0 */
/* take: pieces of `run` bytes that indices choose when the node runs. For b < batch, o < outer, i < count:
 *   out[b][o][i] = in[b][o][n_0]..[n_(parts - 1)], n = indices[b][i], int32 (index_bytes = 4) or int64 (8)
 * `sizes`: of the dimensions that are indexed, uint32 among the constants. An index out of range is refused.
 * A tile is up to 64 pieces of one b and o. */
#define XQ_FAMILY take
#define XQ_PARAMS(U, I, F) U(in) U(out) U(indices) U(index_bytes) U(sizes) U(parts) U(batch) U(outer) \
  U(count) U(run)
#include "family_begin.h"

#define XQ_TAKE_TILE 64
