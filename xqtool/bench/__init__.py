# SPDX-License-Identifier: Apache-2.0
"""xqtool beside other engines, in one process, turn by turn: ``benchmark`` measures the engines of ``peers``, ``probe`` asks each in a process of its own."""
