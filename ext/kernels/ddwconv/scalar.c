/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#define PACKED 1
#include "ddwconv/body.h"
