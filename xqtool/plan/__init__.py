# SPDX-License-Identifier: Apache-2.0
"""From a graph to a plan: one block of bytes that the C engine checks and runs.

The operators add themselves to a plan and so import this package's modules; ``compile`` and its passes import operators. Nothing is imported here.
"""
