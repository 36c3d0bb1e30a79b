/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS avxvnni
#define DEPTH 4
#define WIDEST 8
#include "dwconv/columns.h"
