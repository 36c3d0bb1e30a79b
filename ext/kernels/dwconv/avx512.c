/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avx512
#define WIDEST 16
#include "dwconv/columns.h"
