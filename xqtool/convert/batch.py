# SPDX-License-Identifier: Apache-2.0
"""Conversion of files: one to a file, many to a folder; what fails does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from xqtool.compare.certificate import Certificate, certify
from xqtool.compare.report import check_format, render
from xqtool.convert.qu8_to_qs8 import convert
from xqtool.convert.report import Conversion
from xqtool.errors import InputError, XqError
from xqtool.files import check_target, make_folder, write_file
from xqtool.graph import Graph
from xqtool.runtime.samples import RANDOM, Samples

MAX_EXAMPLES = 100
"""Inputs that weights are fitted to; more of them tell little."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file: a conversion, with a certificate if one was asked for, or an error, or both where a check failed."""

    source: Path
    target: Path
    conversion: Conversion | None = None
    certificate: Certificate | None = None
    error: XqError | None = None

    def as_dict(self) -> dict[str, Any]:
        """The account for JSON: the conversion's, with names, error and certificate."""
        facts = {} if self.conversion is None else self.conversion.as_dict()
        facts |= {"source": str(self.source), "target": str(self.target)}
        facts["error"] = None if self.error is None else str(self.error)
        return facts | {"certificate": None if self.certificate is None else self.certificate.as_dict()}


def targets(sources: Sequence[Path], output: Path) -> list[tuple[Path, Path]]:
    """Each model file among ``sources``, files and folders, and where it goes: ``output``, a file for one file, else a folder.

    Raises
    ------
    InputError
        A folder has no .tflite files, two files would go to one place, or several files should go to a file.
    """
    files = [file for source in sources for file in _models(source)]
    if len(files) == 1 and not sources[0].is_dir() and not output.is_dir():
        return [(files[0], output)]
    if output.is_file():
        raise InputError(f"cannot write {len(files)} models to '{output}': it is a file: a folder is needed")
    pairs = [(file, output / file.name) for file in files]
    seen: dict[Path, Path] = {}
    for file, target in pairs:
        if target in seen:
            raise InputError(f"cannot convert '{file}' and '{seen[target]}' at once: both would be '{target}'")
        seen[target] = file
    return pairs


def _models(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    files = sorted(source.glob("*.tflite"))
    if not files:
        raise InputError(f"cannot convert folder '{source}': it has no .tflite files")
    return files


@dataclass(frozen=True)
class Job:
    """How files are converted.

    Attributes
    ----------
    output : a file for one model, a folder for several
    options : of ``convert``
    calibrate : folders and files of inputs for ``convert``'s examples
    verify : compare each result with its source
    samples : inputs for that; their normalization of pixels is that of ``calibrate``, too
    min_sqnr, min_agreement : thresholds of outputs, dB and a share of 0 .. 1
    report : file of the comparison (.json, .md, .html), or a folder of them for several models
    force : replace files
    """

    output: Path
    options: dict[str, Any] = field(default_factory=dict)
    calibrate: Sequence[str] = ()
    verify: bool = False
    samples: Samples = RANDOM
    min_sqnr: float | None = None
    min_agreement: float | None = None
    report: Path | None = None
    threads: int | None = None
    force: bool = False

    def run(self, sources: Sequence[Path]) -> Iterator[Outcome]:
        """Convert ``sources``, files and folders, one after the other. A file that fails is an outcome with an error.

        Raises
        ------
        InputError
            See ``targets``; or the report cannot be written.
        """
        pairs = targets(sources, self.output)
        many = len(pairs) > 1 or pairs[0][1] != self.output
        if self.report and not many:
            check_format(self.report)
            check_target(self.report, self.force)
        for folder in {self.output, self.report} if many else ():
            if folder is not None:
                make_folder(folder)
        for source, target in pairs:
            report = self.report / f"{source.stem}.html" if many and self.report else self.report
            yield self.convert(source, target, report)

    def convert(self, source: Path, target: Path, report: Path | None = None) -> Outcome:
        """Convert one file."""
        conversion = certificate = None
        try:
            check_target(target, self.force)
            conversion = convert(source, examples=self.examples(source), **self.options)
            if self.verify:
                certificate = self.certificate(source, conversion)
                if report is not None:
                    write_file(report, render(certificate.as_dict(), report), self.force)
            write_file(target, conversion.data, self.force)
            if certificate is not None:
                certificate.check()
        except XqError as error:
            return Outcome(source, target, conversion, certificate, error)
        return Outcome(source, target, conversion, certificate)

    def examples(self, source: Path) -> list[list[np.ndarray]] | None:
        """Inputs to fit weights to."""
        if not self.calibrate:
            return None
        given = replace(self.samples, sources=self.calibrate, count=MAX_EXAMPLES)
        return given.load(Graph.read(source).inputs)

    def certificate(self, source: Path, conversion: Conversion) -> Certificate:
        """The comparison of ``source`` with what it was converted to."""
        certificate = certify(source, conversion, self.samples, threads=self.threads)
        options = certificate.options | self.options | {"calibrate": list(self.calibrate) or None}
        return replace(certificate, options=options).judged(self.min_sqnr, self.min_agreement)
