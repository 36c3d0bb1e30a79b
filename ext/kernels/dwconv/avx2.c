/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx2
#define DEPTH 2
#define WIDEST 8
#include "dwconv/columns.h"
