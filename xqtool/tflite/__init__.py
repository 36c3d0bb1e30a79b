# SPDX-License-Identifier: Apache-2.0
"""The TFLite file format: schema as data, a verifying reader, a writer."""

from xqtool.tflite.reader import parse, read
from xqtool.tflite.record import Record
from xqtool.tflite.writer import serialize

__all__ = ["Record", "parse", "read", "serialize"]
