/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#include "f32lstm/body.h"
