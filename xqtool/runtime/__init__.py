# SPDX-License-Identifier: Apache-2.0
"""Running models: ``session`` runs one, ``interpreter`` is tflite_runtime's interface to it, ``inputs``, ``samples`` and ``results`` serve users' files."""
