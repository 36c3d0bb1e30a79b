# SPDX-License-Identifier: Apache-2.0
"""What operators call to become kernel nodes of a plan.

``builder`` collects the nodes and writes the plan; ``arena`` and ``layout`` say where tensors lie, ``isa`` which kernels may run, ``window`` which
pixels a sliding kernel reads; ``pack`` orders weights for the kernels; the other modules add the nodes of one kind of kernel.
"""
