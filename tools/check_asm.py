# SPDX-License-Identifier: Apache-2.0
"""Finds vector registers that a compiler spills in the inner loops of kernels: ``python tools/check_asm.py [COMPILER ...]`` (make check-asm).

Compiles the kernels of igemm and dwconv for each instruction set of x86 as the build does and reads the disassembly. A loop is a jump backwards; it counts if
no other one lies in it and it multiplies; a spill is a vector instruction with an operand on the stack, which a kernel has no other use for there.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

EXT = Path(__file__).parents[1] / "ext"
FAMILIES = ("igemm", "dwconv")
COMPILERS = ("gcc", "clang")

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
INSTRUCTION = re.compile(r"^\s*([0-9a-f]+):\s+(.+?)\s*$")
JUMP = re.compile(r"^j\w+\s+([0-9a-f]+)")
PRODUCT = re.compile(r"pmaddwd|pdpbusd")
FRAME = "mov %rsp,%rbp"

Instructions = list[tuple[int, str]]


def commands(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Each C source of the kernels and the compiler's flags for it, as CMake has them, which puts what it makes into ``folder``."""
    search = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    configure = [shutil.which("cmake", path=search) or "cmake", "-S", str(EXT), "-B", str(folder)]
    subprocess.run(
        [*configure, "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON", "-DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON"],
        check=True,
        capture_output=True,
    )
    for entry in json.loads((folder / "compile_commands.json").read_text()):
        source, command = Path(entry["file"]), shlex.split(entry["command"])
        if source.parents[1].name == "kernels":
            yield source, [flag for flag in command[1:-4] if flag.startswith("-")]


def kernels() -> Iterator[tuple[Path, list[str]]]:
    """The kernels whose loops are looked at; sources that CMake makes are there until the next one is asked for."""
    with tempfile.TemporaryDirectory() as folder:
        for source, flags in commands(Path(folder)):
            if source.parent.name in FAMILIES and not source.stem.startswith(("node", "scalar")):
                yield source, flags


def disassemble(compiler: str, source: Path, flags: list[str]) -> str:
    """What objdump says of ``source``."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "kernel.o"
        subprocess.run(
            [compiler, "-std=gnu11", "-fPIC", "-w", *flags, "-c", str(source), "-o", str(target)], check=True
        )
        dump = ["objdump", "--disassemble", "--no-show-raw-insn", str(target)]
        return subprocess.run(dump, check=True, capture_output=True, text=True).stdout


def functions(text: str) -> Iterator[tuple[str, Instructions]]:
    """Name and instructions, with their addresses, of each function of a disassembly."""
    name, found = "", Instructions()
    for line in [*text.splitlines(), "0 <end>:"]:
        if begin := FUNCTION.match(line):
            if found:
                yield name, found
            name, found = begin[1], Instructions()
        elif instruction := INSTRUCTION.match(line):
            found.append((int(instruction[1], 16), " ".join(instruction[2].split())))


def inner_loops(instructions: Instructions) -> Iterator[list[str]]:
    """The instructions of each loop in which no other one lies."""
    ends = {}
    for address, text in instructions:
        jump = JUMP.match(text)
        if jump and instructions[0][0] <= int(jump[1], 16) <= address:
            ends[int(jump[1], 16)] = address
    for begin, end in ends.items():
        if not any(begin <= other and last <= end for other, last in ends.items() if (other, last) != (begin, end)):
            yield [text for address, text in instructions if begin <= address <= end]


def spills(text: str) -> tuple[int, list[str]]:
    """How many inner loops multiply, and a sentence for each of them that has vectors on the stack."""
    loops, sentences = 0, []
    for name, instructions in functions(text):
        framed = any(text == FRAME for _, text in instructions)
        stack = re.compile(
            r"[xyz]mm.*\(%r[sb]p\)|\(%r[sb]p\).*[xyz]mm" if framed else r"[xyz]mm.*\(%rsp\)|\(%rsp\).*[xyz]mm"
        )
        for loop in inner_loops(instructions):
            if not any(PRODUCT.search(text) for text in loop):
                continue
            loops += 1
            if found := [text for text in loop if stack.search(text)]:
                sentences.append(
                    f"{name}: {len(found)} in an inner loop of {len(loop)} instructions, such as '{found[0]}'"
                )
    return loops, sentences


def main(compilers: list[str]) -> int:
    """The command; returns its exit code."""
    failures = 0
    for compiler in compilers or [name for name in COMPILERS if shutil.which(name)]:
        for source, flags in kernels():
            loops, sentences = spills(disassemble(compiler, source, flags))
            kernel = f"{compiler} {source.parent.name}/{source.stem}"
            print(f"{kernel}: {loops} inner loops multiply, {len(sentences)} of them spill", flush=True)
            for sentence in sentences or ["no inner loop"] * (not loops):
                print(f"{kernel}: {sentence}", file=sys.stderr)
            failures += len(sentences) + (not loops)
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
