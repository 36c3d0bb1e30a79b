/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction sets this CPU and operating system have. The compiler's feature test asks CPUID and
 * XGETBV. */
#include "xq.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* Not every compiler that has the instructions has a test for them. The registers are those of AVX2. */
static int xq_has_avxvnni(void) {
  unsigned eax, ebx, ecx, edx;
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 4 & 1);
}

static int xq_has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
}
#endif

const char *const xq_isa_names[XQ_ISA_COUNT] = {
#define ISA(name, ...) #name,
#include "isa.def"
#undef ISA
};

uint32_t xq_cpu_isas(void) {
  uint32_t found = 0;
#if defined(__x86_64__) || defined(__i386__)
  __builtin_cpu_init();
#endif
#define ISA(name, architecture, lanes, test, flags) XQ_ON_##name(if (test) found |= 1u << XQ_ISA_##name;)
#include "isa.def"
#undef ISA
  return found;
}
