# SPDX-License-Identifier: Apache-2.0
"""The project's own builder of model files, under the name by which the tests know it."""

from xqtool.tflite.builder import ModelBuilder

__all__ = ["ModelBuilder"]
