# SPDX-License-Identifier: Apache-2.0
"""From a graph to a plan: one block of bytes that the C engine checks and runs."""

from xqtool.plan.builder import Builder, Place
from xqtool.plan.compile import Plan, compile_plan, excluded

__all__ = ["Builder", "Place", "Plan", "compile_plan", "excluded"]
