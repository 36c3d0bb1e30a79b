# SPDX-License-Identifier: Apache-2.0
"""The version of xqtool, which is pyproject.toml's."""

__version__ = "0.1.0"
