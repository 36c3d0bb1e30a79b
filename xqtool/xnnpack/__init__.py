# SPDX-License-Identifier: Apache-2.0
"""Which operators LiteRT's XNNPACK delegate takes, as a table of rules, held against ai-edge-litert 2.3 as it comes.

Where a reason ends in "LiteRT refuses the model", the delegate takes the operator at first and then fails on it, and
the interpreter with it.
"""

from xqtool.xnnpack.rules import RULES, reasons, takes

__all__ = ["RULES", "reasons", "takes"]
