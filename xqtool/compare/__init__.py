# SPDX-License-Identifier: Apache-2.0
"""Two models side by side: ``compare`` measures each layer and the outputs, ``certificate`` adds what is needed to repeat it, ``report`` writes it down."""
