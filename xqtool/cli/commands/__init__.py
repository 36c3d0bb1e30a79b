# SPDX-License-Identifier: Apache-2.0
"""The commands: one module each, and a folder for a group of them, found by listing this package.

A command's module has ``RANK`` (its place in the help), ``EXAMPLES`` (one a line, the best first), ``NOTES`` where the help needs more words, its options,
``command`` (the function), and ``parts``: its result for people, as ``console.show`` takes it.
"""
