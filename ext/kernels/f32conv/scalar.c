/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#define PACKED 1
#define MAX_ROWS 8
#define MAX_VECTORS 1
#include "f32conv/body.h"
