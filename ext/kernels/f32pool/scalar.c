/* SPDX-License-Identifier: Apache-2.0 */
#define XQ_THIS scalar
#define LANES 1
#include "f32pool/body.h"
