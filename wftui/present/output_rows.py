"""The rows that lines of output take on a screen, and what of them matches a search. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from wftui.model.output import Stream
    from wftui.present.output_lines import OutputLine, OutputLines


class Row(NamedTuple):
    """One row of the screen.

    Attributes:
        line: The line it shows.
        start: The first character of the line that it shows.
        end: The one behind the last.
    """

    line: OutputLine
    start: int
    end: int


class OutputRows:
    """Lines of one or both streams, broken to a width or not.

    Args:
        lines: All lines.
        cells: How many cells a text takes on a terminal.
    """

    def __init__(self, lines: OutputLines, cells: Callable[[str], int]) -> None:
        self._all = lines
        self._cells = cells
        self._shown: list[OutputLine] = []
        self._ends: list[int] = []  # how many rows there are up to the end of each line, counted from `_gone` on
        self._gone = 0
        self._last: tuple[str, int, list[int]] = ("", 0, [])
        self._open = 0  # of `_shown`, those without an end, which come anew each time
        self.stream: Stream | None = None
        self.width: int | None = None
        self.widest = 0
        """Cells of the widest line that was seen."""

    def __len__(self) -> int:
        return (self._ends[-1] if self._ends else self._gone) - self._gone

    @property
    def lines(self) -> Sequence[OutputLine]:
        """The lines that are shown."""
        return self._shown

    def arrange(self, stream: Stream | None, width: int | None) -> None:
        """Show a stream (None: both) broken to so many cells (None: not broken)."""
        self.stream, self.width = stream, width
        self._shown, self._ends, self._gone, self._open, self.widest = [], [], 0, 0, 0
        self._append([line for line in self._all.lines if self._shows(line)])
        self._append_open()

    def take(self, new: Sequence[OutputLine]) -> int:
        """Show new lines, and no more what was dropped. Returns the rows that went at the top."""
        if self._open:
            del self._shown[-self._open :], self._ends[-self._open :]
        self._append([line for line in new if self._shows(line)])
        oldest = self._all.lines[0].number if self._all.lines else 0
        drop = bisect_left(self._shown, oldest, key=lambda line: line.number)
        rows = 0
        if drop:
            rows = self._ends[drop - 1] - self._gone
            self._gone += rows
            del self._shown[:drop], self._ends[:drop]
        self._append_open()
        return rows

    def row(self, index: int) -> Row | None:
        """The row of that index; None behind the last."""
        at = bisect_right(self._ends, index + self._gone)
        if at >= len(self._shown):
            return None
        line = self._shown[at]
        if self.width is None:
            return Row(line, 0, len(line.text))
        first = self._ends[at - 1] if at else self._gone
        return self._broken(line, self.width, index + self._gone - first)

    def first_row(self, number: int, start: int = 0) -> int:
        """The row that shows a character of the line of that number, or of the one that follows it."""
        at = bisect_left(self._shown, number, key=lambda line: line.number)
        if at >= len(self._shown):
            return max(0, len(self) - 1)
        row = (self._ends[at - 1] if at else self._gone) - self._gone
        if self.width is None or self._shown[at].number != number:
            return row
        breaks = self._breaks(self._shown[at].text, self.width)
        return row + max(0, bisect_right(breaks, start) - 1)

    def _shows(self, line: OutputLine) -> bool:
        return self.stream is None or line.stream is None or line.stream is self.stream

    def _append(self, lines: Sequence[OutputLine]) -> None:
        end = self._ends[-1] if self._ends else self._gone
        for line in lines:
            length = len(line.text) if line.text.isascii() else self._cells(line.text)
            self.widest = max(self.widest, length)
            end += 1 if self.width is None or length <= self.width else len(self._breaks(line.text, self.width))
            self._ends.append(end)
        self._shown += lines

    def _append_open(self) -> None:
        pending = [line for line in self._all.pending if self._shows(line)]
        self._open = len(pending)
        self._append(pending)

    def _broken(self, line: OutputLine, width: int, at: int) -> Row:
        breaks = self._breaks(line.text, width)
        return Row(line, breaks[at], breaks[at + 1] if at + 1 < len(breaks) else len(line.text))

    def _breaks(self, text: str, width: int) -> Sequence[int]:
        """Where each row of a text begins."""
        if text.isascii():
            return range(0, max(1, len(text)), width)
        if self._last[:2] == (text, width):
            return self._last[2]
        breaks, used = [0], 0
        for at, char in enumerate(text):
            wide = 1 if char.isascii() else self._cells(char)
            if used + wide > width and used:
                breaks.append(at)
                used = 0
            used += wide
        self._last = text, width, breaks  # all rows of a long line are asked for one after the other
        return breaks


class Found(NamedTuple):
    """A place that matches: the line's number, and the first character of it."""

    number: int
    start: int


class OutputSearch:
    """What matches a text, upper and lower case alike unless the text has upper case."""

    def __init__(self) -> None:
        self.text = ""
        self.found: list[Found] = []
        self.current: Found | None = None

    def look_for(self, text: str, lines: Sequence[OutputLine]) -> None:
        """Search for another text; "" for none."""
        self.text, self.found, self.current = text, [], None
        self.take(lines)

    def take(self, new: Sequence[OutputLine], oldest: int = 0) -> None:
        """Search new lines, too; what is before the line `oldest` is there no more."""
        if not self.text:
            return
        gone = bisect_left(self.found, Found(oldest, 0))
        if gone:
            del self.found[:gone]
        self.found += [Found(line.number, start) for line in new for start in self.places(line.text)]

    def places(self, text: str) -> list[int]:
        """Where it matches in a text."""
        wanted = self.text
        if not wanted:
            return []
        if wanted == wanted.lower():
            lowered = text.lower()
            text = lowered if len(lowered) == len(text) else text
        places, at = [], text.find(wanted)
        while at >= 0:
            places.append(at)
            at = text.find(wanted, at + len(wanted))
        return places

    def step(self, by: int, here: Found) -> Found | None:
        """Go to another match: on from the current one, or from `here` where there is none; None without a match."""
        if not self.found:
            return None
        if self.current is None:
            at = bisect_left(self.found, here) if by > 0 else bisect_left(self.found, here) - 1
        else:
            at = bisect_left(self.found, self.current)
            at += by if at < len(self.found) and self.found[at] == self.current else min(by, 0)
        self.current = self.found[at % len(self.found)]
        return self.current

    @property
    def count(self) -> str:
        """In words, as "3 of 17" or "17 found"; "" without a search."""
        if not self.text:
            return ""
        if not self.found:
            return "none found"
        if self.current is None:
            return f"{len(self.found):,} found"
        return f"{bisect_left(self.found, self.current) + 1:,} of {len(self.found):,}"
