"""What a cell of a drawing holds, and how it is written: a byte a cell, a table for each set of characters.

The low four bits are the arms of the cell: to the north, east, south and west. `DASHED` marks what leads from a
continuation to the sub-DAG that it returned, `NODE` the one cell of a row where its node stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from wcwidth import iter_graphemes, wcswidth

from wftui.dag.picture import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable

NORTH, EAST, SOUTH, WEST, DASHED, NODE = 1, 2, 4, 8, 16, 32
ARMS = NORTH | EAST | SOUTH | WEST
VERTICAL = NORTH | SOUTH
HORIZONTAL = EAST | WEST

_LIGHT = {
    0: " ",
    VERTICAL: "│",
    HORIZONTAL: "─",
    SOUTH | EAST: "╭",
    SOUTH | WEST: "╮",
    NORTH | EAST: "╰",
    NORTH | WEST: "╯",
    VERTICAL | EAST: "├",
    VERTICAL | WEST: "┤",
    SOUTH | HORIZONTAL: "┬",
    NORTH | HORIZONTAL: "┴",
    ARMS: "┼",
}


def _ascii(arms: int) -> str:
    # Both arms to a side decide: what only leaves downwards is ".", what only comes from above "'", so that a corner
    # above a corner is not mistaken for a line.
    if not arms & VERTICAL:
        return "-" if arms else " "
    if not arms & HORIZONTAL:
        return "|"
    return {SOUTH: ".", NORTH: "'", VERTICAL: "+"}[arms & VERTICAL]


UNICODE: dict[int, str] = dict(_LIGHT)
UNICODE.update({arms | DASHED: char for arms, char in _LIGHT.items()})
UNICODE.update({VERTICAL | DASHED: "╎", HORIZONTAL | DASHED: "╌"})
ASCII: dict[int, str] = {arms: _ascii(arms) for arms in _LIGHT}
ASCII.update({arms | DASHED: char for arms, char in ASCII.items()})
ASCII.update({VERTICAL | DASHED: ":", HORIZONTAL | DASHED: "~"})
# In ASCII the mark of a status could be mistaken for a join, so a node is a star and the mark stands by its label.
ASCII_NODE = "*"
# Nodes that stand for others.
FOLDED = {False: "┆", True: "%"}
GROUPED = {False: "⊞", True: "#"}
# A node on a way that was not taken.
OFF = {False: "–", True: "-"}
ELLIPSIS = {False: "…", True: "~"}


def width_of(text: str) -> int:
    """The cells that a text takes."""
    if text.isascii():
        return len(text)
    return max(0, wcswidth(text))


def cut(text: str, room: int, ellipsis: str) -> str:
    """The text in at most `room` cells, ending in the ellipsis where something is missing."""
    if len(text) <= room and text.isascii():
        return text
    if room <= 0:
        return ""
    # A cell holds many combining characters, but nobody reads more than a few of them.
    head = text[: 8 * room + 8]
    if len(head) == len(text) and width_of(text) <= room:
        return text
    used, kept = 0, []
    for cluster in iter_graphemes(head):
        size = width_of(cluster)
        if used + size > room - 1:
            break
        used += size
        kept.append(cluster)
    return "".join(kept) + ellipsis


def window(segments: Iterable[Segment], start: int, end: int) -> list[Segment]:
    """What of a line lies in the cells from `start` up to `end`; of a wide character cut in two a blank is left."""
    found: list[Segment] = []
    at = 0
    for segment in segments:
        size = width_of(segment.text)
        if at >= end:
            break
        if at >= start and at + size <= end:
            if segment.text:
                found.append(segment)
        elif at + size > start:
            found.append(Segment(_part(segment.text, start - at, end - at), segment.style))
        at += size
    return found


def _part(text: str, start: int, end: int) -> str:
    if text.isascii():
        return text[max(0, start) : end]
    kept: list[str] = []
    at = 0
    for cluster in iter_graphemes(text):
        size = width_of(cluster)
        inside = min(at + size, end) - max(at, start)
        if at >= end:
            break
        if at >= start and at + size <= end:
            kept.append(cluster)
        elif inside > 0:
            kept.append(" " * inside)
        at += size
    return "".join(kept)


def plain(text: str) -> str:
    """One line without anything that a terminal could act on; labels are harmless already, this is the last guard."""
    if text.isprintable() or all(char.isprintable() or char in _JOINERS for char in text):
        return text
    return "".join(char if char.isprintable() or char in _JOINERS else "?" for char in text)


_JOINERS = frozenset("\u200c\u200d\u00ad\ufe0f")
