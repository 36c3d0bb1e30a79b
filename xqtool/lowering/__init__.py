# SPDX-License-Identifier: Apache-2.0
"""What operators call to become kernel nodes of a plan: the builder, layout of memory, packing of weights, geometry of convolutions."""
