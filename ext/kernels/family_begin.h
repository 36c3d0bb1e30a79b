/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a family out of its tables. Before including:
 *   XQ_FAMILY              its name
 *   XQ_PARAMS(U, I, F)     the parameters, U(name) for uint32, I for int32, F for float: the fields of struct
 *     xq_<family>_params
 *   XQ_ENUMS(E)            where parameters have names for their values: E(tag, NAME, ...) gives enum
 *     xq_<tag>, and <tag>_count behind the last one
 *   XQ_LIMITS(L)           where whoever makes a plan has to know a number: L(NAME, number) gives an
 *     enumerator
 * Python reads all of them. The other table is kernels.def beside the includer, a line for each kernel, best
 * first:
 *   KERNEL(isa, variant, .name = number ...), numbers of XQ_KERNEL_NUMBERS
 * A file <isa>.c beside it defines all kernels of its instruction set. Where there is none, CMake compiles
 * <variant>.h, which defines XQ_RUN, with these macros: XQ_ISA and XQ_VARIANT as in the line, XQ_<NAME> for
 * each of its numbers, and XQ_LANES, those of isa.def. */
#include "macros.h"
#include "xq.h"

/* xq_<family>__<isa>_<variant>: left of __ the contract and the same bits, right of it how. */
#define XQ_KERNEL(isa, variant) XQ_CAT(XQ_CAT3(xq_, XQ_FAMILY, __), isa##_##variant)
#define XQ_KERNEL_OF(isa, variant) XQ_KERNEL(isa, variant)
#define XQ_RUN XQ_KERNEL_OF(XQ_ISA, XQ_VARIANT)

#define XQ_U(name) uint32_t name;
#define XQ_I(name) int32_t name;
#define XQ_F(name) float name;
struct XQ_CAT3(xq_, XQ_FAMILY, _params) {
  XQ_PARAMS(XQ_U, XQ_I, XQ_F)
};
#undef XQ_U
#undef XQ_I
#undef XQ_F

#ifdef XQ_ENUMS
#define XQ_E(tag, ...) enum xq_##tag { __VA_ARGS__, tag##_count };
XQ_ENUMS(XQ_E)
#undef XQ_E
#endif
#ifdef XQ_LIMITS
#define XQ_L(name, number) name = number,
enum { XQ_LIMITS(XQ_L) };
#undef XQ_L
#endif
