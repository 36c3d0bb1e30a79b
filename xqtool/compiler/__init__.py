# SPDX-License-Identifier: Apache-2.0
"""From a graph to a plan: ``compile`` lowers the operators in order, after it folded constants, ran the passes and placed the tensors."""
