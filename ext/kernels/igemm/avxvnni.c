/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avxvnni
#define DEPTH 4
#define LANES 8
#include "igemm/tile_body.h"
