/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a family out of its two tables. Before including: XQ_FAMILY (name), XQ_PARAMS(U, I, F) (fields), and kernels.def beside the includer with rows
 * K(isa, arch, variant, lanes, depth, weight_bytes, tile rows...). Gives struct xq_<family>_params. */
#include "macros.h"
#include "xq.h"

/* xq_<family>__<isa>_<variant>: left of __ the contract and the same bits, right of it how. */
#define XQ_KERNEL(isa, variant) XQ_CAT(XQ_CAT3(xq_, XQ_FAMILY, __), isa##_##variant)

#define XQ_U(name) uint32_t name;
#define XQ_I(name) int32_t name;
#define XQ_F(name) float name;
struct XQ_CAT3(xq_, XQ_FAMILY, _params) { XQ_PARAMS(XQ_U, XQ_I, XQ_F) };
#undef XQ_U
#undef XQ_I
#undef XQ_F
