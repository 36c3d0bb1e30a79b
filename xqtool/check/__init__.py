# SPDX-License-Identifier: Apache-2.0
"""xqcheck: the proof that every kernel gives the bits of the scalar one, and that one those of the NumPy references."""

from xqtool.check.command import main

__all__ = ["main"]
