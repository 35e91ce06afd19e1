"""A small map of a whole picture: where there is how much, which status is loudest there, what of it is on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from wftui.dag.picture import Line, Segment
from wftui.dag.tallies import LOUDEST, TOLD
from wftui.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.dag.drawn import Area, Drawn
    from wftui.dag.picture import Pen
    from wftui.model.graph import GraphNode

# Dots in a cell of braille, across and down, and the bit of each in its character, by row.
_ACROSS, _DOWN = 2, 4
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BRAILLE = 0x2800
# Without braille: from so many dots of a cell on.
_DENSITY = ((6, "#"), (3, ":"), (1, "."))
# Corners, across, down, and a window that is one cell large.
_FRAMES = ("┌┐└┘─│□", "++++-|O")
_RANK: dict[Status | None, int] = {status: rank for rank, status in enumerate(LOUDEST)}
_RANK[None] = len(LOUDEST)


class Window(NamedTuple):
    """A rectangle of a picture: its first cell and row, how many of both."""

    x: int
    y: int
    w: int
    h: int


class Minimap:
    """A picture in a few cells.

    A cell with something that failed, runs or waits shows the glyph of that; others show how much there is. The styles
    say the same once more.

    Args:
        drawn: The picture.
        nodes: The nodes of the graph.
        pen: The characters to draw with.
        width: Cells that there are.
        height: Rows that there are.

    Attributes:
        width: Cells that the map takes.
        height: Rows that it takes.
    """

    def __init__(self, drawn: Drawn, nodes: Iterable[GraphNode], pen: Pen, width: int, height: int) -> None:
        self._pen = pen
        self._picture = (max(1, drawn.width), max(1, drawn.height))
        # Not larger than the picture: a cell of that has one dot at most.
        self._dots = (min(_ACROSS * max(1, width), self._picture[0]), min(_DOWN * max(1, height), self._picture[1]))
        self.width = -(-self._dots[0] // _ACROSS)
        self.height = -(-self._dots[1] // _DOWN)
        self._masks = [0] * (self.width * self.height)
        self._counts: dict[int, list[int]] = {}
        self._status: dict[str, Status | None] = {}
        self._cells: dict[Area, tuple[int, ...]] = {}
        self._drawn = drawn
        for name in drawn.order():
            area = drawn.area_of(name)
            if area is not None and area not in self._cells:
                self._cells[area] = self._put(area)
        for node in nodes:
            if node.id not in self._status:
                self._status[node.id] = node.status
                self._count(node.id, node.status, 1)

    def _put(self, area: Area) -> tuple[int, ...]:
        """Set the dots of a box. Returns the cells in which they are."""
        row = self._dot(area.y, 1)
        cells: dict[int, None] = {}
        for column in range(self._dot(area.x, 0), self._dot(area.x + max(1, area.w) - 1, 0) + 1):
            at = row // _DOWN * self.width + column // _ACROSS
            self._masks[at] |= _DOTS[row % _DOWN][column % _ACROSS]
            cells[at] = None
        return tuple(cells)

    def _dot(self, at: int, axis: int) -> int:
        return max(0, min(at * self._dots[axis] // self._picture[axis], self._dots[axis] - 1))

    def _count(self, node: str, status: Status | None, by: int) -> tuple[int, ...]:
        area = self._drawn.area_of(node)
        cells = self._cells.get(area, ()) if area is not None else ()
        for at in cells:
            counts = self._counts.get(at)
            if counts is None:
                counts = self._counts[at] = [0] * len(_RANK)
            counts[_RANK[status]] += by
        return cells

    def update(self, nodes: Iterable[GraphNode]) -> bool:
        """Take other statuses. Returns whether the map looks different."""
        before: dict[int, Status | None] = {}
        for node in nodes:
            if node.id not in self._status or self._status[node.id] is node.status:
                continue
            for at in self._cells.get(area, ()) if (area := self._drawn.area_of(node.id)) is not None else ():
                before.setdefault(at, self._loudest(at))
            self._count(node.id, self._status[node.id], -1)
            self._status[node.id] = node.status
            self._count(node.id, node.status, 1)
        return any(self._loudest(at) is not status for at, status in before.items())

    def _loudest(self, at: int) -> Status | None:
        counts = self._counts.get(at, ())
        return next((status for status, count in zip(LOUDEST, counts, strict=False) if count), None)

    def lines(self, window: Window | None = None) -> Sequence[Line]:
        """The map, every row `width` cells wide.

        Args:
            window: What of the picture is on screen: its frame stands over everything but what failed. None, and a
                window in which all of the picture is, have no frame.
        """
        frame = self._frame(window) if window is not None else {}
        return [
            Line(tuple(self._segment(at, frame.get(at)) for at in range(y * self.width, (y + 1) * self.width)))
            for y in range(self.height)
        ]

    def _segment(self, at: int, frame: str | None) -> Segment:
        status = self._loudest(at)
        if frame is not None and status is not Status.FAILED:
            return Segment(frame, "pointer")
        mask = self._masks[at]
        if not mask:
            return Segment(" ")
        style = status.value.lower() if status is not None else "label"
        if status in TOLD:
            return Segment(self._pen.marks[status], style)
        if self._pen.ascii_only:
            dots = bin(mask).count("1")
            return Segment(next(sign for least, sign in _DENSITY if dots >= least), style)
        return Segment(chr(_BRAILLE + mask), style)

    def _frame(self, window: Window) -> dict[int, str]:
        across, down = self._picture
        x1, y1 = min(window.x + window.w, across), min(window.y + window.h, down)
        x0, y0 = max(0, window.x), max(0, window.y)
        if x0 >= x1 or y0 >= y1 or (x0, y0, x1, y1) == (0, 0, across, down):
            return {}
        (left, top), (right, bottom) = self.cell(x0, y0), self.cell(x1 - 1, y1 - 1)
        signs = _FRAMES[self._pen.ascii_only]
        found: dict[tuple[int, int], str] = {}
        for x in range(left, right + 1):
            found[x, top] = found[x, bottom] = signs[4]
        for y in range(top, bottom + 1):
            found[left, y] = found[right, y] = signs[5]
        if right > left and bottom > top:
            found.update(zip(((left, top), (right, top), (left, bottom), (right, bottom)), signs[:4], strict=True))
        elif right > left:
            found[left, top], found[right, top] = "[", "]"
        elif top == bottom:
            found[left, top] = signs[6]
        return {y * self.width + x: sign for (x, y), sign in found.items()}

    def cell(self, x: int, y: int) -> tuple[int, int]:
        """The cell of the map in which a cell of the picture lies."""
        return self._dot(x, 0) // _ACROSS, self._dot(y, 1) // _DOWN

    def place(self, x: int, y: int) -> tuple[int, int]:
        """The cell of the picture in the middle of a cell of the map."""
        return (
            self._middle(x, _ACROSS, 0),
            self._middle(y, _DOWN, 1),
        )

    def _middle(self, at: int, size: int, axis: int) -> int:
        dots, length = self._dots[axis], self._picture[axis]
        first = max(0, min(at * size, dots - 1))
        last = min(first + size, dots)
        return min((first + last) * length // (2 * dots), length - 1)
