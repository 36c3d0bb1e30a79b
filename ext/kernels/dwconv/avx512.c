/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#define DEPTH 2
#define WIDEST 16
#include "dwconv/columns.h"
