/* SPDX-License-Identifier: Apache-2.0 */
/* The instruction sets of this CPU and operating system. The compiler's test asks CPUID and XGETBV. */
#include "xq.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* Not every compiler that has the instructions has a test for them. */
static int has_avxvnni(void) {
  unsigned eax, ebx, ecx, edx;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 4 & 1);
}

static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

const char *const xq_isa_names[XQ_ISA_COUNT] = {
#define ISA(name, ...) #name,
#include "isa.def"
#undef ISA
};

enum bit {
  none = 0,
#define ISA(name, ...) name = 1u << XQ_ISA_##name,
#include "isa.def"
#undef ISA
};

uint32_t xq_cpu_isas(void) {
  uint32_t found = 0;
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
#endif
#define ISA(name, architecture, lanes, base, test, flags) \
  XQ_ON_##name(if ((found & base) == base && (test)) found |= name;)
#include "isa.def"
#undef ISA
  return found;
}
