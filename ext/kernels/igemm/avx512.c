/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#define DEPTH 2
#define LANES 16
#include "igemm/tile_body.h"
