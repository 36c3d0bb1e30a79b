# SPDX-License-Identifier: Apache-2.0
"""xqcheck: the proof that every kernel row gives the scalar row's bits, and the scalar row those of the NumPy references."""

from xqtool.check.command import main

__all__ = ["main"]
