# SPDX-License-Identifier: Apache-2.0
"""xqtool beside other engines, in one process, turn by turn."""
