# SPDX-License-Identifier: Apache-2.0
"""The errors of xqtool. Every sentence names verb, object, value and rule; the command line prints it and exits with ``exit_code``."""

from __future__ import annotations


class XqError(Exception):
    """Base of all errors that xqtool raises on purpose."""

    exit_code = 1


class ModelError(XqError):
    """The file is no TFLite model, or a damaged or inconsistent one."""

    exit_code = 3


class ShapeError(ModelError):
    """Shapes or types of an operator's tensors do not fit together."""


class UnsupportedError(XqError):
    """The model is valid but uses something that xqtool does not run or convert."""

    exit_code = 4


class QuantizationError(UnsupportedError):
    """Quantization parameters outside the rules (scale, zero point, axis)."""


class InputError(XqError, ValueError):
    """Data given by the user does not fit: a picture that is none, a wrong shape or dtype, a bad path."""

    exit_code = 5


class EngineError(XqError):
    """The engine refused a plan or could not get memory: a fault of xqtool or of the machine, not of the model."""

    exit_code = 1


class CheckError(XqError):
    """A check that the user asked for failed: a threshold was missed."""

    exit_code = 1
