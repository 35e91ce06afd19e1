"""From moments to cells and back: a window on a workflow's time, in which long idle gaps are short. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wftui.present.timing import Extent

if TYPE_CHECKING:
    from wftui.timeline.bars import Gap

# Cells of a gap: its glyph with a space on either side.
GAP_CELLS = 3
# The shortest time that is drawn, and the closest that one can look.
SHORTEST = 0.001
_NICE = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_DAY = 86400.0


class Window(NamedTuple):
    """What is looked at: seconds of work, idle gaps left out, since the start."""

    left: float
    right: float


class _Piece(NamedTuple):
    """A part of the time that is drawn evenly: moments and cells of its ends."""

    start: float
    end: float
    left: float
    right: float
    gap: bool


@dataclass(frozen=True, slots=True)
class Stretching:
    """The time of a workflow without its long gaps.

    Attributes:
        extent: From when to when, in Unix seconds; never empty.
        gaps: What is drawn short, ascending.
    """

    extent: Extent
    gaps: tuple[Gap, ...] = ()

    @property
    def length(self) -> float:
        """Seconds, gaps left out."""
        return max(SHORTEST, self.extent.length - sum(gap.end - gap.start for gap in self.gaps))

    def seconds_at(self, moment: float) -> float:
        """Seconds of work before a moment; inside a gap those before it."""
        passed = sum(min(gap.end, moment) - gap.start for gap in self.gaps if gap.start < moment)
        return min(self.length, max(0.0, moment - self.extent.start - passed))

    @property
    def whole(self) -> Window:
        """All of it."""
        return Window(0.0, self.length)

    def fitted(self, window: Window) -> Window:
        """The window, not smaller than can be seen, and inside what there is."""
        size = min(self.length, max(window.right - window.left, min(SHORTEST, self.length)))
        left = min(max(0.0, window.left), self.length - size)
        return Window(left, left + size)


class Scale:
    """Where moments are in so many cells.

    Args:
        time: The time of the workflow.
        window: What of it is looked at.
        width: Cells.
    """

    def __init__(self, time: Stretching, window: Window, width: int) -> None:
        self.time, self.window, self.width = time, time.fitted(window), max(1, width)
        self.pieces = self._pieces()
        self._starts = [piece.start for piece in self.pieces]

    def _pieces(self) -> list[_Piece]:
        time, window = self.time, self.window
        inside = [gap for gap in time.gaps if window.left <= time.seconds_at(gap.start) <= window.right]
        cells = self.width - GAP_CELLS * len(inside)
        if cells < max(GAP_CELLS, self.width // 3):
            inside, cells = [], self.width
        per_second = cells / (window.right - window.left)
        pieces: list[_Piece] = []
        at, x = time.extent.start, -window.left * per_second
        for gap in (*time.gaps, None):
            until = gap.start if gap is not None else time.extent.end
            right = x + max(0.0, until - at) * per_second
            pieces.append(_Piece(at, until, x, right, gap=False))
            if gap is not None:
                x = right + (GAP_CELLS if gap in inside else 0)
                pieces.append(_Piece(gap.start, gap.end, right, x, gap=True))
                at = gap.end
        return pieces

    @property
    def per_cell(self) -> float:
        """Seconds of a cell."""
        gaps = sum(GAP_CELLS for piece in self.pieces if piece.gap and piece.right > piece.left)
        return (self.window.right - self.window.left) / max(1, self.width - gaps)

    @property
    def reaches_end(self) -> bool:
        """Whether the end of all is seen."""
        return self.window.right >= self.time.length * (1 - 1e-9)

    @property
    def gap_cells(self) -> tuple[tuple[int, float], ...]:
        """The cell in the middle of each gap that is seen, with its length in seconds."""
        found = ((int(piece.left + GAP_CELLS / 2), piece) for piece in self.pieces if piece.gap)
        return tuple(
            (x, piece.end - piece.start) for x, piece in found if 0 <= x < self.width and piece.right > piece.left
        )

    def x(self, moment: float) -> float:
        """The place of a moment in cells from the left; below 0 or beyond the width where it is not seen."""
        piece = self.pieces[max(0, bisect_right(self._starts, moment) - 1)]
        length = piece.end - piece.start
        if moment <= piece.start or length <= 0:
            return piece.left
        return piece.left + (piece.right - piece.left) * min(1.0, (moment - piece.start) / length)

    def moment(self, x: float) -> float:
        """The moment at a place."""
        for piece in self.pieces:
            if x < piece.right or piece is self.pieces[-1]:
                cells = piece.right - piece.left
                part = min(1.0, max(0.0, (x - piece.left) / cells)) if cells > 0 else 0.0
                return piece.start + part * (piece.end - piece.start)
        return self.time.extent.end


def nice_step(at_least: float) -> float:
    """The smallest round number of seconds that is not below: 1, 2, 5, quarters of minutes and hours, days."""
    if at_least <= 0:
        return SHORTEST
    if at_least < 1:
        return _decimal(at_least)
    for step in _NICE:
        if step >= at_least:
            return float(step)
    return _decimal(at_least / _DAY) * _DAY


def _decimal(at_least: float) -> float:
    power = 1e-9
    while power * 10 <= at_least:
        power *= 10
    return next((power * times for times in (1, 2, 5) if power * times >= at_least), power * 10)


def roomy(time: Stretching) -> Stretching:
    """The time with room at its end, so that what goes on can grow for a while without everything moving."""
    step = nice_step(time.length / 12)
    steps = int(time.length * 1.01 / step) + 1
    extent = time.extent
    return Stretching(Extent(extent.start, extent.end + max(0.0, steps * step - time.length)), time.gaps)
