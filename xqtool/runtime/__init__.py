# SPDX-License-Identifier: Apache-2.0
"""Running models: sessions, the drop-in Interpreter, inputs from files and pictures."""
