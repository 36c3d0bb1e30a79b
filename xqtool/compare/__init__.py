# SPDX-License-Identifier: Apache-2.0
"""Two models layer by layer and end to end, as a check and as a report."""
