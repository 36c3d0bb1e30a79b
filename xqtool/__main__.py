# SPDX-License-Identifier: Apache-2.0
"""``python -m xqtool``."""

import sys

from xqtool.cli import main

sys.exit(main())
