# SPDX-License-Identifier: Apache-2.0
"""SUB: difference of two tensors with NumPy broadcasting and a fused activation."""

from __future__ import annotations

from xqtool.ops.add import Add


class Sub(Add):
    """Quantized: the fixed-point sum of ADD with ``mb`` negated. Float: ``a - b``.

    Shapes: a and b broadcast by NumPy's rules. Source: XNNPACK's fixed-point subtraction; equal to LiteRT bit for bit.
    """

    name = "SUB"
    sign = -1
