/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS sse2
#define DEPTH 2
#define WIDEST 4
#include "dwconv/columns.h"
