/* SPDX-License-Identifier: Apache-2.0 */
/* Included by a family's node.c after its family.h, with `validate` defined, and XQ_FITS, the name of a
 * function, where not every kernel takes everything: expands kernels.def to prototypes, and all tables to the
 * family. */
#define KERNEL(isa, variant, ...) XQ_ON_##isa(extern xq_run_fn XQ_KERNEL(isa, variant);)
/* clang-format off */
#include XQ_STR(XQ_FAMILY/kernels.def)
/* clang-format on */
#undef KERNEL

static const struct xq_kernel kernels[] = {
#define KERNEL(name, version, ...) \
  XQ_ON_##name({.isa_name = #name, .variant = #version, .isa = XQ_ISA_##name, .run = XQ_KERNEL(name, \
      version), __VA_ARGS__},)
/* clang-format off */
#include XQ_STR(XQ_FAMILY/kernels.def)
/* clang-format on */
#undef KERNEL
};

#define XQ_U(name) {#name, 'u'},
#define XQ_I(name) {#name, 'i'},
#define XQ_F(name) {#name, 'f'},
static const struct xq_field fields[] = {XQ_PARAMS(XQ_U, XQ_I, XQ_F){0}};
#undef XQ_U
#undef XQ_I
#undef XQ_F

static const struct xq_enum enums[] = {
#ifdef XQ_ENUMS
#define XQ_E(tag, ...) {#tag, #__VA_ARGS__},
    XQ_ENUMS(XQ_E)
#undef XQ_E
#endif
        {0}};

static const struct xq_limit limits[] = {
#ifdef XQ_LIMITS
#define XQ_L(name, number) {#name, name},
    XQ_LIMITS(XQ_L)
#undef XQ_L
#endif
        {0}};

extern const struct xq_family XQ_CAT(xq_family_, XQ_FAMILY);
const struct xq_family XQ_CAT(xq_family_, XQ_FAMILY) = {
    .name = XQ_STR(XQ_FAMILY),
    .fields = fields,
    .field_count = sizeof(fields) / sizeof(fields[0]) - 1,
    .enums = enums,
    .limits = limits,
    .kernels = kernels,
    .kernel_count = sizeof(kernels) / sizeof(kernels[0]),
    .validate = validate,
#ifdef XQ_FITS
    .fits = XQ_FITS,
#endif
};
