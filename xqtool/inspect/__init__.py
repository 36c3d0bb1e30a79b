# SPDX-License-Identifier: Apache-2.0
"""What a model is made of, and what of it runs as a kernel, or why not: ``inspect`` has it all."""
