# SPDX-License-Identifier: Apache-2.0
"""What this machine has: cores, caches, instruction sets, and what a core can do at most."""
