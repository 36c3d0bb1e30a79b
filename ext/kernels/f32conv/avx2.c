/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#define PACKED 8
#define MAX_ROWS 6
#define MAX_VECTORS 2
#include "f32conv/body.h"
