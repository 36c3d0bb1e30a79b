# SPDX-License-Identifier: Apache-2.0
"""This machine: ``host`` knows its cores and caches, ``cpu`` its instruction sets and kernels, ``peak`` what a core can do at most."""
