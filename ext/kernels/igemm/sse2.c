/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS sse2
#define DEPTH 2
#define LANES 4
#include "igemm/tile_body.h"
