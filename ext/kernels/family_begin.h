/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a family out of its two tables. Before including: XQ_FAMILY (name) and XQ_PARAMS(U, I, F) (fields). Gives struct xq_<family>_params. The other table is
 * kernels.def beside the includer, a line for each kernel, best first:
 *   KERNEL(isa, variant, .name = number ...), numbers of XQ_KERNEL_NUMBERS
 * A file <isa>.c beside it defines all kernels of its instruction set. Where there is none, CMake compiles <variant>.h, which defines XQ_RUN, with these macros:
 * XQ_ISA and XQ_VARIANT as in the line, XQ_<NAME> for each of its numbers, and XQ_LANES, those of isa.def. */
#include "macros.h"
#include "xq.h"

/* xq_<family>__<isa>_<variant>: left of __ the contract and the same bits, right of it how. */
#define XQ_KERNEL(isa, variant) XQ_CAT(XQ_CAT3(xq_, XQ_FAMILY, __), isa##_##variant)
#define XQ_KERNEL_OF(isa, variant) XQ_KERNEL(isa, variant)
#define XQ_RUN XQ_KERNEL_OF(XQ_ISA, XQ_VARIANT)

#define XQ_U(name) uint32_t name;
#define XQ_I(name) int32_t name;
#define XQ_F(name) float name;
struct XQ_CAT3(xq_, XQ_FAMILY, _params) { XQ_PARAMS(XQ_U, XQ_I, XQ_F) };
#undef XQ_U
#undef XQ_I
#undef XQ_F
