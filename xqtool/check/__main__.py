# SPDX-License-Identifier: Apache-2.0
"""``python -m xqtool.check``."""

import sys

from xqtool.check.command import main

sys.exit(main())
