"""A canvas of one byte a cell, and its text.

A cell has two bits for each of its four sides: 0 no line there, 1 a light one, 2 (or 3, light and heavy) a heavy one.
A table of 256 characters turns a row of cells into text. Where lines join, the cell shows it; where a vertical only
crosses a horizontal, it interrupts it (``─│─``), so that a join and a crossing never look the same, in ASCII neither.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Sequence

    from wftui.dag.layout import Wire

# Where the two bits of each side are.
NORTH, EAST, SOUTH, WEST = 0, 2, 4, 6
LIGHT, HEAVY = 1, 2
# Every mixture of weights: north counts 27, east 9, south 3, west 1; times 0 none, 1 light, 2 heavy.
_MIXTURES = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋"


def _unicode(cell: int) -> str:
    north, east, south, west = (min(2, cell >> side & 3) for side in (NORTH, EAST, SOUTH, WEST))
    return _MIXTURES[27 * north + 9 * east + 3 * south + west]


def _ascii(cell: int) -> str:
    vertical, horizontal = cell & (3 << NORTH | 3 << SOUTH), cell & (3 << EAST | 3 << WEST)
    if vertical and horizontal:
        return "+"
    if vertical:
        return "|"
    if horizontal:
        return "=" if cell & (HEAVY << EAST | HEAVY << WEST) else "-"
    return " "


UNICODE = tuple(_unicode(cell) for cell in range(256))
ASCII = tuple(_ascii(cell) for cell in range(256))


class Canvas:
    """Cells, row by row; lines first, then `text` with whatever stands on them."""

    def __init__(self, width: int, height: int) -> None:
        self.width = width
        self.rows = [bytearray(width) for _ in range(height)]

    def draw(self, lines: Iterable[Wire], heavy: Container[tuple[str, str]] = ()) -> None:
        """Draw edges.

        Args:
            lines: The edges; verticals in one column belong together where they touch.
            heavy: Which of them, as (source, target), are heavy.
        """
        inside: dict[tuple[int, int], int] = {}
        pins: set[tuple[int, int]] = set()
        for line in lines:
            weight = HEAVY if (line.source, line.target) in heavy else LIGHT
            points = line.points
            # A line begins and ends in the middle of nowhere: at the boxes, which it touches.
            self._mark(*points[0], weight << WEST)
            self._mark(*points[-1], weight << EAST)
            for (x0, y0), (x1, y1) in itertools.pairwise(points):
                if y0 == y1:
                    self._horizontal(y0, x0, x1, weight)
                else:
                    top, bottom = (y0, y1) if y0 < y1 else (y1, y0)
                    pins.update(((x0, y0), (x0, y1)))
                    self._mark(x0, top, weight << SOUTH)
                    self._mark(x0, bottom, weight << NORTH)
                    for y in range(top + 1, bottom):
                        inside[x0, y] = inside.get((x0, y), 0) | weight << NORTH | weight << SOUTH
        for (x, y), cell in inside.items():
            if (x, y) in pins:
                self.rows[y][x] |= cell
            else:
                self.rows[y][x] = cell

    def _mark(self, x: int, y: int, bits: int) -> None:
        self.rows[y][x] |= bits

    def _horizontal(self, y: int, x0: int, x1: int, weight: int) -> None:
        if x0 == x1:
            return
        row = self.rows[y]
        row[x0] |= weight << EAST
        row[x1] |= weight << WEST
        if x1 - x0 > 1:
            both = weight << EAST | weight << WEST
            row[x0 + 1 : x1] = row[x0 + 1 : x1].translate(_OR[both])

    def text(self, y: int, start: int, end: int, table: Sequence[str]) -> str:
        """The cells of a row from `start` to before `end`; the table is `UNICODE` or `ASCII`."""
        return "".join([table[cell] for cell in self.rows[y][start:end]])


_OR = {
    bits: bytes(cell | bits for cell in range(256))
    for bits in (LIGHT << EAST | LIGHT << WEST, HEAVY << EAST | HEAVY << WEST)
}
