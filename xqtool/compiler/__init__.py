# SPDX-License-Identifier: Apache-2.0
"""From a graph to a plan: passes over the graph, placing of its tensors, and the order in which operators lower themselves."""
