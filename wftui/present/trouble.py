"""Why a source is down, in as few words as the room needs. Pure.

Errors are written for a command's one line on stderr: they name the target, whose URL may be longer than the screen is
wide, before they say what is wrong. On a screen that names the target already the reason comes first.
"""

from __future__ import annotations

import re

from wftui.present.tables import cut
from wftui.present.text import visible

_SHORT = 32
"""Cells that a target gets where it stands inside a sentence."""
_LEAST = 24
"""Cells of the reason that are kept, however little room there is."""
# What libpq says before the reason: the server, which the target names too.
_SERVER = re.compile(r"connection (?:failed|is bad): (?:connection to server (?:at|on socket) .*? failed: )?")


def reason(error: str, target: str) -> str:
    """What is wrong, harmless, the target left out or shortened."""
    what = error.removeprefix(f"cannot read {target}: ").removeprefix(f"{target}: ").removeprefix(f"{target} ")
    what = what.replace(f"cannot connect to {target}: ", "cannot connect: ", 1)
    return visible(_SERVER.sub("", what, count=1).replace(target, short(target)))


def short(target: str, most: int = _SHORT) -> str:
    """A target by its name: a URL without its parameters, cut at its front, where many are alike."""
    name = target.partition("?")[0] if "://" in target else target
    return name if len(name) <= most else f"...{name[-most + 3 :]}"


def down_line(where: str, error: str, retry: str, width: int, ellipsis: str) -> tuple[str, str]:
    """The reason and when it is tried again, in `width` cells: of the two the first is cut.

    Args:
        where: The name of the source, "" where there is but one; harmless.
        error: The reason; harmless.
        retry: When it is tried again, "" when not.
        width: Cells there are.
        ellipsis: Stands for what was cut.
    """
    lead = f"{where}: " if where else ""
    room = max(_LEAST, width - len(retry) - (2 if retry else 0))
    return cut(lead + error, room, ellipsis), retry
