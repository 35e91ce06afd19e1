"""A canvas of one byte a cell, and its text.

A cell has two bits for each of its four sides: 0 no line there, 1 a light one, 2 a dashed one, 3 a heavy one. A table
of 256 characters turns a row of cells into text. Where lines join, the cell shows it; where a vertical only crosses a
horizontal, it interrupts it (``─│─``), so that a join and a crossing never look the same, in ASCII neither.

All cells are one run of bytes, row after row, so that a line is one slice of it, a vertical one with steps.
"""

from __future__ import annotations

from codecs import charmap_decode
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from wftui.dag.layout import Wire

# Where the two bits of each side are.
NORTH, EAST, SOUTH, WEST = 0, 2, 4, 6
LIGHT, DASHED, HEAVY = 1, 2, 3
_N, _E, _S, _W = (1 << side for side in (NORTH, EAST, SOUTH, WEST))
_NS, _EW = _N | _S, _E | _W
# Every mixture of weights: north counts 27, east 9, south 3, west 1; times 0 none, 1 light, 2 heavy.
_MIXTURES = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋"
# Straight dashed lines; where they turn or join they are drawn as light ones.
_DASHES = {DASHED << NORTH | DASHED << SOUTH: "┆:", DASHED << EAST | DASHED << WEST: "┄_"}


def _unicode(cell: int) -> str:
    if cell in _DASHES:
        return _DASHES[cell][0]
    north, east, south, west = ((0, 1, 1, 2)[cell >> side & 3] for side in (NORTH, EAST, SOUTH, WEST))
    return _MIXTURES[27 * north + 9 * east + 3 * south + west]


def _ascii(cell: int) -> str:
    if cell in _DASHES:
        return _DASHES[cell][1]
    vertical, horizontal = cell & 3 * _NS, cell & 3 * _EW
    if vertical and horizontal:
        return "+"
    if vertical:
        return "|"
    if horizontal:
        return "=" if HEAVY in (cell >> EAST & 3, cell >> WEST & 3) else "-"
    return " "


UNICODE = "".join(_unicode(cell) for cell in range(256))
ASCII = "".join(_ascii(cell) for cell in range(256))


def _sides(cell: int) -> int:
    """The low bit of every side on which there is a line."""
    return (cell | cell >> 1) & 0x55


# For some sides: what a light line there makes of a cell, and what a heavy one does to the lines that are there.
_LIGHTENED = {bits: bytes(cell | bits for cell in range(256)) for bits in (_E, _W, _EW)}
_WEIGHED = {
    bits: bytes(cell | HEAVY * (_sides(cell) & bits) for cell in range(256)) for bits in (_N, _E, _S, _W, _NS, _EW)
}
# Whether a line leaves a cell to the side: where a vertical interrupts a horizontal none does.
_SIDEWAYS = bytes(bool(_sides(cell) & _EW) for cell in range(256))
# Whether a line is dashed on any side.
IS_DASHED = bytes(any(cell >> side & 3 == DASHED for side in (NORTH, EAST, SOUTH, WEST)) for cell in range(256))


@dataclass(frozen=True, slots=True)
class Strokes:
    """The straight pieces of some edges, each cell once.

    Attributes:
        across: As (row, first cell, last cell).
        down: As (column, first row, last row).
    """

    across: tuple[tuple[int, int, int], ...] = ()
    down: tuple[tuple[int, int, int], ...] = ()


def strokes(lines: Iterable[Wire]) -> Strokes:
    """The cells that edges run through."""
    across: set[tuple[int, int, int]] = set()
    down: set[tuple[int, int, int]] = set()
    for line in lines:
        for (x0, y0), (x1, y1) in pairwise(line.points):
            if y0 == y1:
                across.add((y0, x0, x1))
            else:
                down.add((x0, y0, y1) if y0 < y1 else (x0, y1, y0))
    return Strokes(_merged(across), _merged(down))


def _merged(pieces: Iterable[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    """Pieces on the same line that overlap, as one."""
    found: list[tuple[int, int, int]] = []
    at, first, last = -1, 0, -1
    for piece in sorted(pieces):
        if piece[0] == at and piece[1] <= last:
            last = max(last, piece[2])
            continue
        if at >= 0:
            found.append((at, first, last))
        at, first, last = piece
    if at >= 0:
        found.append((at, first, last))
    return tuple(found)


class Canvas:
    """Cells with lines on them.

    Args:
        width: Cells of a row.
        height: Rows.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.cells = bytearray(width * height)
        self.has_dashes = False
        self._before: list[tuple[slice, bytes]] = []

    def draw(self, lines: Collection[Wire], dashed: Collection[Wire] = ()) -> None:
        """Draw edges on an empty canvas.

        Args:
            lines: All edges; verticals in one column belong together where they touch.
            dashed: Those of them that are dashed wherever they do not share a cell with others.
        """
        self._trace(lines)
        if dashed:
            others = {id(line) for line in dashed}
            full = Canvas(self.width, self.height)
            full._trace([line for line in lines if id(line) not in others])
            self._dash(strokes(dashed), full.cells)

    def _trace(self, lines: Iterable[Wire]) -> None:
        cells, width = self.cells, self.width
        across: set[tuple[int, int, int]] = set()
        down: set[tuple[int, int, int]] = set()
        for line in lines:
            points = line.points
            # A line begins and ends in the middle of nowhere: at the boxes, which it touches.
            cells[points[0][1] * width + points[0][0]] |= _W
            cells[points[-1][1] * width + points[-1][0]] |= _E
            for (x0, y0), (x1, y1) in pairwise(points):
                if y0 == y1:
                    across.add((y0, x0, x1))
                else:
                    down.add((x0, y0, y1) if y0 < y1 else (x0, y1, y0))
        inner = _LIGHTENED[_EW]
        for y, x0, x1 in across:
            if x0 == x1:
                continue
            first, last = y * width + x0, y * width + x1
            cells[first] |= _E
            cells[last] |= _W
            cells[first + 1 : last] = cells[first + 1 : last].translate(inner)
        # Where a vertical has no end it interrupts what is there.
        pins: dict[int, int] = {}
        for x, y0, y1 in down:
            top, bottom = y0 * width + x, y1 * width + x
            pins[top] = pins.get(top, cells[top]) | _S
            pins[bottom] = pins.get(bottom, cells[bottom]) | _N
        for x, y0, y1 in _merged(down):
            if y1 - y0 > 1:
                cells[(y0 + 1) * width + x : y1 * width + x : width] = bytes((_NS,)) * (y1 - y0 - 1)
        for at, cell in pins.items():
            cells[at] |= cell

    def _dash(self, pieces: Strokes, full: bytearray) -> None:
        for cut in self._slices(pieces):
            mine, others = self.cells[cut], full[cut]
            self.cells[cut] = bytes(
                [
                    cell << 1 if not cell & other and not cell & 0xAA else cell
                    for cell, other in zip(mine, others, strict=True)
                ]
            )
        self.has_dashes = True

    def _slices(self, pieces: Strokes) -> Iterator[slice]:
        width = self.width
        for y, x0, x1 in pieces.across:
            yield slice(y * width + x0, y * width + x1 + 1)
        for x, y0, y1 in pieces.down:
            yield slice(y0 * width + x, y1 * width + x + 1, width)

    def stress(self, lines: Iterable[Wire]) -> None:
        """Draw these lines heavy, all others as they were before."""
        for cut, cells in reversed(self._before):
            self.cells[cut] = cells
        self._before.clear()
        width = self.width
        for line in lines:
            points = line.points
            self._weigh(slice(points[0][1] * width + points[0][0], points[0][1] * width + points[0][0] + 1), _W)
            self._weigh(slice(points[-1][1] * width + points[-1][0], points[-1][1] * width + points[-1][0] + 1), _E)
            for (x0, y0), (x1, y1) in pairwise(points):
                if y0 > y1:
                    y0, y1 = y1, y0
                first, last = y0 * width + x0, y1 * width + x1
                step = 1 if y0 == y1 else width
                ahead, back, both = (_E, _W, _EW) if y0 == y1 else (_S, _N, _NS)
                if first < last:
                    self._weigh(slice(first, first + 1), ahead)
                    self._weigh(slice(first + step, last, step), both)
                    self._weigh(slice(last, last + 1), back)

    def _weigh(self, cut: slice, sides: int) -> None:
        cells = bytes(self.cells[cut])
        self._before.append((cut, cells))
        self.cells[cut] = cells.translate(_WEIGHED[sides])

    def mark(self, pieces: Strokes, marks: bytearray) -> None:
        """Set in `marks`, a byte a cell, where these pieces are seen: not where a vertical interrupts them."""
        width = self.width
        for y, x0, x1 in pieces.across:
            cut = slice(y * width + x0, y * width + x1 + 1)
            marks[cut] = self.cells[cut].translate(_SIDEWAYS)
        for x, y0, y1 in pieces.down:
            marks[y0 * width + x : y1 * width + x + 1 : width] = b"\1" * (y1 - y0 + 1)

    def unmark(self, pieces: Strokes, marks: bytearray) -> None:
        """Take that back."""
        for cut in self._slices(pieces):
            marks[cut] = bytes(len(range(*cut.indices(len(marks)))))

    def text(self, y: int, start: int, end: int, table: str) -> str:
        """The cells of a row from `start` to before `end`; the table is `UNICODE` or `ASCII`."""
        at = y * self.width
        return decoded(self.cells[at + start : at + end], table)


def decoded(cells: bytes | bytearray, table: str) -> str:
    """The characters of cells."""
    return charmap_decode(cells, "strict", table)[0]
