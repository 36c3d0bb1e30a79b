/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx
#define DEPTH 2
#define LANES 4
#include "igemm/tile_body.h"
