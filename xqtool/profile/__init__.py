# SPDX-License-Identifier: Apache-2.0
"""How long a model and each of its operators take: ``profile`` measures a session."""
