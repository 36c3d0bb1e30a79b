/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#define DEPTH 2
#define LANES 8
#include "igemm/tile_body.h"
