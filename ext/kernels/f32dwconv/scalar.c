/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#define PACKED 1
#include "f32dwconv/body.h"
