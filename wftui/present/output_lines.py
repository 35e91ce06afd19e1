"""What a task printed as lines, made harmless, the last ones of them, in bounded memory. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.output import Stream
from wftui.present.line_maker import LineMaker
from wftui.present.output_looks import Painted

if TYPE_CHECKING:
    from wftui.model.output import OutputPart, OutputPiece
    from wftui.present.output_looks import Look

MOST_CHARS = 1_000_000
MOST_LINES = 50_000
_SLACK = 8  # The oldest go when there is an eighth more than is kept: not with every line.
_RUN = 8  # What a change of look counts, in characters.


@dataclass(frozen=True, slots=True)
class OutputLine:
    """One line.

    Attributes:
        number: Counts all lines from 0, those included that are not kept any more.
        stream: Where it was printed to; None for a remark of ours.
        text: What; harmless.
        runs: How it looks; see `Painted`.
    """

    number: int
    stream: Stream | None
    text: str
    runs: tuple[tuple[int, Look], ...] = ()

    @property
    def size(self) -> int:
        """What it takes of what may be kept, in characters."""
        return len(self.text) + _RUN * len(self.runs)


class OutputLines:
    """The last lines of both streams, in the order in which they came.

    Args:
        most_chars: Characters that are kept, at most about.
        most_lines: Lines that are kept, at most about.
    """

    def __init__(self, most_chars: int = MOST_CHARS, most_lines: int = MOST_LINES) -> None:
        self._most_chars = most_chars
        self._most_lines = most_lines
        self._makers = {stream: LineMaker() for stream in Stream}
        self._chars = 0
        self._next = 0
        self.lines: list[OutputLine] = []
        self.skipped = 0
        """Bytes that the source left out."""
        self.dropped = 0
        """Lines that were there and are not kept any more."""

    @property
    def pending(self) -> tuple[OutputLine, ...]:
        """The lines that have no end yet, if they hold anything."""
        rest = ((stream, maker.pending) for stream, maker in self._makers.items())
        return tuple(OutputLine(self._next + at, stream, *made) for at, (stream, made) in enumerate(rest) if made.text)

    def feed(self, part: OutputPart) -> list[OutputLine]:
        """Take in what came. Returns the new lines; some of them may be dropped already."""
        new: list[OutputLine] = []
        if part.skipped:
            new += self._ended()
            self.skipped += part.skipped
            new.append(self._line(None, Painted(f"{part.skipped:,} bytes left out")))
        for piece in part.pieces:
            kept = self._last_of(piece)
            new += [self._line(piece.stream, made) for made in self._makers[piece.stream].feed(kept)]
        self._keep(new)
        return new

    def end(self) -> list[OutputLine]:
        """Nothing more comes: what has no end is a line, too."""
        new = self._ended()
        self._keep(new)
        return new

    def _last_of(self, piece: OutputPiece) -> str:
        """The lines of a piece that would be kept, so that no work is done for the others."""
        drop = piece.text.count("\n") - self._most_lines
        if drop <= 0:
            return piece.text
        self._makers[piece.stream].end()
        self._next += drop
        self.dropped += drop
        return piece.text.split("\n", drop)[drop]

    def _ended(self) -> list[OutputLine]:
        return [self._line(stream, made) for stream, maker in self._makers.items() for made in maker.end()]

    def _line(self, stream: Stream | None, made: Painted) -> OutputLine:
        line = OutputLine(self._next, stream, *made)
        self._next += 1
        return line

    def _keep(self, new: list[OutputLine]) -> None:
        self.lines += new
        self._chars += sum(line.size for line in new)
        slack = 1 + 1 / _SLACK
        if self._chars <= self._most_chars * slack and len(self.lines) <= self._most_lines * slack:
            return
        drop = max(0, len(self.lines) - self._most_lines)
        chars = self._chars - sum(line.size for line in self.lines[:drop])
        while chars > self._most_chars and drop < len(self.lines) - 1:
            chars -= self.lines[drop].size
            drop += 1
        del self.lines[:drop]
        self.dropped += drop
        self._chars = chars
