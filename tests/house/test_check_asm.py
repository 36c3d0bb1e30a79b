# SPDX-License-Identifier: Apache-2.0
"""The search for spilled registers finds them, and only in inner loops that multiply."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tools import check_asm

SOURCE = """
#include <immintrin.h>
__m128i sums(const __m128i *a, long n) {
  __m128i acc[COUNT], all = _mm_setzero_si128();
#pragma GCC unroll 64
  for (int i = 0; i < COUNT; i++) acc[i] = a[i];
  for (long k = 0; k < n; k++, a += COUNT) {
#pragma GCC unroll 64
    for (int i = 0; i < COUNT; i++) {
      acc[i] = _mm_add_epi32(acc[i], _mm_madd_epi16(acc[i], _mm_loadu_si128(a + i)));
      __asm__ volatile("" : "+x"(acc[i]));
    }
  }
#pragma GCC unroll 64
  for (int i = 0; i < COUNT; i++) all = _mm_xor_si128(all, acc[i]);
  return all;
}
"""

LISTING = """
0000000000000000 <kernel>:
   0:	vmovdqa %ymm1,0x20(%rsp)
   4:	mov    (%rdx),%rax
   8:	vmovdqa 0x20(%rsp),%ymm3
   c:	vpmaddwd (%rax),%ymm2,%ymm2
  10:	jne    c <kernel+0xc>
  14:	jb     4 <kernel+0x4>
  18:	vmovdqa %ymm1,0x40(%rsp)
  1c:	jne    18 <kernel+0x18>
"""


@pytest.mark.parametrize("compiler", [name for name in check_asm.COMPILERS if shutil.which(name)])
@pytest.mark.parametrize(("count", "spilled"), [(8, False), (40, True)])
def test_a_loop_with_more_sums_than_registers_spills(tmp_path: Path, compiler: str, count: int, spilled: bool) -> None:
    source = tmp_path / "sums.c"
    source.write_text(SOURCE)
    loops, sentences = check_asm.spills(check_asm.disassemble(compiler, source, ["-O3", "-msse2", f"-DCOUNT={count}"]))
    assert loops == 1
    assert bool(sentences) == spilled
    assert all("sums: " in sentence and "(%rsp)" in sentence for sentence in sentences)


def test_only_inner_loops_that_multiply_count() -> None:
    assert check_asm.spills(LISTING) == (1, [])


@pytest.mark.parametrize(
    "text", ["vpaddd -0x40(%rsp),%ymm1,%ymm1", "vmovdqa %ymm1,0x20(%rsp)", "movaps 0x8(%rsp),%xmm3"]
)
def test_reloads_and_operands_on_the_stack_are_spills(text: str) -> None:
    loops, sentences = check_asm.spills(
        LISTING.replace("vpmaddwd (%rax),%ymm2,%ymm2", f"vpmaddwd (%rax),%ymm2,%ymm2\n   e:\t{text}")
    )
    assert (loops, len(sentences)) == (1, 1)
    assert text in sentences[0]


def test_the_base_pointer_is_the_stack_only_in_a_function_with_a_frame() -> None:
    used = LISTING.replace("(%rax)", "(%rbp)")
    assert check_asm.spills(used) == (1, [])
    loops, sentences = check_asm.spills(used.replace("mov    (%rdx),%rax", "mov    %rsp,%rbp"))
    assert (loops, len(sentences)) == (1, 1)


def test_every_kernel_of_the_families_is_read() -> None:
    found = {f"{source.parent.name}/{source.stem}": flags for source, flags in check_asm.kernels()}
    assert {"igemm/sse2_tile", "igemm/avx2_tile", "dwconv/avx2_columns", "igemm/avx512vnni"} <= found.keys()
    assert all("-ffp-contract=off" in flags and "-O3" in flags for flags in found.values())
