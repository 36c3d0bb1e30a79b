# SPDX-License-Identifier: Apache-2.0
"""Build models of known architectures with random weights."""

RANK = 8
