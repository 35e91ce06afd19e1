"""Plain aligned tables for the commands. Pure.

What goes in is harmless already (`present.text.visible`); a cell is a text and the name of its tone, "" for plain.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Cell = tuple[str, str]

GAP = "  "
_LEAST = 6
# Where nothing is cut, one long text must not push everything else out of sight: it sticks out of its column instead.
_WIDEST = 60


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        right: Aligned to the right.
        shrinks: Where room is short: 0 never cut, else the columns of the highest number are cut first.
    """

    title: str
    right: bool = False
    shrinks: int = 0


def cells(text: str) -> int:
    """How many cells a terminal gives to a harmless text."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(char) for char in text)


def _cells_of(char: str) -> int:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def cut(text: str, width: int, ellipsis: str) -> str:
    """The text in at most `width` cells, ending in the ellipsis where it was cut."""
    if cells(text) <= width:
        return text
    room = width - cells(ellipsis)
    if room < 0:
        return ""
    kept, used = [], 0
    for char in text:
        used += _cells_of(char)
        if used > room:
            break
        kept.append(char)
    return "".join(kept) + ellipsis


def render(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], width: int | None, ellipsis: str
) -> list[list[Cell]]:
    """The lines of a table, headings first, each as cells with their gaps.

    Args:
        columns: The columns; those in which no row has anything are left out.
        rows: A cell for each column.
        width: Cells of the terminal; None cuts nothing, as scripts want it.
        ellipsis: What stands for what was cut.
    """
    used = [at for at in range(len(columns)) if not rows or any(row[at][0] for row in rows)]
    kept = [columns[at] for at in used]
    body = [[row[at] for at in used] for row in rows]
    widths = [max([cells(column.title), *(cells(row[at][0]) for row in body)]) for at, column in enumerate(kept)]
    widths = [min(wide, _WIDEST) for wide in widths] if width is None else _shrunk(kept, widths, width)
    heading: list[Cell] = [(column.title, "heading") for column in kept]
    return [_line(kept, line, widths, None if width is None else ellipsis) for line in [heading, *body]]


def _shrunk(columns: Sequence[Column], widths: list[int], width: int) -> list[int]:
    over = sum(widths) + len(GAP) * (len(widths) - 1) - width
    order = sorted((at for at, column in enumerate(columns) if column.shrinks), key=lambda at: -columns[at].shrinks)
    for at in order:
        if over <= 0:
            break
        less = min(over, max(0, widths[at] - max(_LEAST, cells(columns[at].title))))
        widths[at] -= less
        over -= less
    return widths


def _line(columns: Sequence[Column], row: Sequence[Cell], widths: Sequence[int], ellipsis: str | None) -> list[Cell]:
    line: list[Cell] = []
    for at, (column, (text, tone), width) in enumerate(zip(columns, row, widths, strict=True)):
        short = text if ellipsis is None else cut(text, width, ellipsis)
        padding = " " * (width - cells(short))
        if at:
            line.append((GAP, ""))
        if column.right:
            line += [(padding, ""), (short, tone)]
        else:
            line += [(short, tone), (padding, "")]
    return line
