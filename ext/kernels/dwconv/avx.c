/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx
#define DEPTH 2
#define WIDEST 4
#include "dwconv/columns.h"
