# SPDX-License-Identifier: Apache-2.0
"""``xqtool zoo list``: the architectures that can be built."""

from __future__ import annotations

from xqtool.cli import console, options

RANK = 2
EXAMPLES = """\
xqtool zoo list
xqtool zoo list --json | jq -r .architectures[].name
"""


def command(json: options.Json = False) -> None:
    """Show the architectures and the sizes of their inputs."""
    from xqtool.zoo import ARCHITECTURES

    facts = [
        {"name": name, "size": each.size, "least": each.min_size, "multiple": each.multiple, "about": each.about}
        for name, each in ARCHITECTURES.items()
    ]
    if json:
        console.document({"architectures": facts})
    else:
        rows = [[str(value) for value in row.values()] for row in facts]
        console.draw([console.table(("name", "size>", "least>", "multiple>", "what"), rows)])
