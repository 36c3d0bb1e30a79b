# SPDX-License-Identifier: Apache-2.0
"""Conversion of models between quantization schemes."""

from xqtool.convert.qu8_to_qs8 import convert
from xqtool.convert.report import Conversion, LayerConversion, Noise

__all__ = ["Conversion", "LayerConversion", "Noise", "convert"]
