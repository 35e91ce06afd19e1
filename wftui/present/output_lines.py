"""What a task printed as lines, made harmless, the last ones of them. Pure.

Carriage returns, backspaces and "erase line" do what they do on a terminal, so that a progress bar is one line that
changes; colours are dropped; every other control character and escape is shown instead of acting. However the text is
cut into pieces, the lines are the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.model.output import Stream
from wftui.present.text import visible

if TYPE_CHECKING:
    from wftui.model.output import OutputPart, OutputPiece

MOST_CHARS = 1_000_000
MOST_LINES = 50_000
LONGEST = 8_192
"""Characters; what is longer goes on in the next line."""
_SLACK = 8  # The oldest go when there is an eighth more than is kept: not with every line.
_CSI = "\x1b\\[[0-?]{0,64}[ -/]{0,8}"
_TOKEN = re.compile(f"[\n\r\b]|{_CSI}[@-~]")
# The beginning of what may go on in the next piece.
_BEGUN = re.compile("\x1b(?:\\[[0-?]{0,64}[ -/]{0,8})?\\Z")


@dataclass(frozen=True, slots=True)
class OutputLine:
    """One line.

    Attributes:
        number: Counts all lines from 0, those included that are not kept any more.
        stream: Where it was printed to; None for a remark of ours.
        text: What; harmless.
    """

    number: int
    stream: Stream | None
    text: str


class LineMaker:
    """Makes the lines of one stream out of its pieces.

    Args:
        longest: Characters; what is longer goes on in the next line.
        keeps_tabs: Leave tabs as they are, for text that goes into a file.
    """

    def __init__(self, longest: int = LONGEST, *, keeps_tabs: bool = False) -> None:
        self._longest = longest
        self._keeps_tabs = keeps_tabs
        self._text = ""
        self._at = 0
        self._held = ""

    @property
    def pending(self) -> str:
        """The line that has no end yet; harmless."""
        return self._shown(self._text) + visible(self._held)

    def feed(self, text: str) -> list[str]:
        """Take in the next piece. Returns the lines that it ends, harmless."""
        text, self._held = self._held + text, ""
        begun = _BEGUN.search(text, max(0, len(text) - 80))
        if begun is not None:
            text, self._held = text[: begun.start()], text[begun.start() :]
        if "\r" not in text and "\x1b" not in text and "\b" not in text and self._at == len(self._text):
            return self._feed_plain(text)
        lines: list[str] = []
        done = 0
        for token in _TOKEN.finditer(text):
            self._put(text[done : token.start()], lines)
            done = token.end()
            self._obey(token[0], lines)
        self._put(text[done:], lines)
        return lines

    def end(self) -> list[str]:
        """Nothing more comes, or not what would come next: the line without an end, if there is one."""
        rest = self.pending
        self._text, self._at, self._held = "", 0, ""
        return [rest] if rest else []

    def _feed_plain(self, text: str) -> list[str]:
        first, *others = text.split("\n")
        lines: list[str] = []
        self._put(first, lines)
        for other in others:
            lines.append(self._shown(self._text))
            self._text, self._at = "", 0
            if other:
                self._put(other, lines)
        return lines

    def _obey(self, code: str, lines: list[str]) -> None:
        if code == "\n":
            lines.append(self._shown(self._text))
            self._text, self._at = "", 0
        elif code == "\r":
            self._at = 0
        elif code == "\b":
            self._at = max(0, self._at - 1)
        elif code[-1] == "K":
            how = code[2:-1]
            if how in ("", "0"):
                self._text = self._text[: self._at]
            elif how == "1":
                self._text = " " * min(self._at, len(self._text)) + self._text[self._at :]
            elif how == "2":
                self._text = ""
            else:
                self._put(code, lines)
        elif code[-1] != "m":
            self._put(code, lines)

    def _put(self, text: str, lines: list[str]) -> None:
        """Write over what is there, from the cursor on."""
        if not text:
            return
        before = self._text[: self._at].ljust(self._at)
        self._text = before + text + self._text[self._at + len(text) :]
        self._at += len(text)
        longest = self._longest
        while len(self._text) > longest:
            lines.append(self._shown(self._text[:longest]))
            self._text, self._at = self._text[longest:], max(0, self._at - longest)

    def _shown(self, text: str) -> str:
        if self._keeps_tabs:
            return "\t".join(map(visible, text.split("\t")))
        return visible(text.expandtabs(8))


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
        texts = ((stream, maker.pending) for stream, maker in self._makers.items())
        return tuple(OutputLine(self._next + at, stream, text) for at, (stream, text) in enumerate(texts) if text)

    def feed(self, part: OutputPart) -> list[OutputLine]:
        """Take in what came. Returns the new lines; some of them may be dropped already."""
        new: list[OutputLine] = []
        if part.skipped:
            new += self._ended()
            self.skipped += part.skipped
            new.append(self._line(None, f"{part.skipped:,} bytes left out"))
        for piece in part.pieces:
            kept = self._last_of(piece)
            new += [self._line(piece.stream, text) for text in self._makers[piece.stream].feed(kept)]
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
        return [self._line(stream, text) for stream, maker in self._makers.items() for text in maker.end()]

    def _line(self, stream: Stream | None, text: str) -> OutputLine:
        line = OutputLine(self._next, stream, text)
        self._next += 1
        return line

    def _keep(self, new: list[OutputLine]) -> None:
        self.lines += new
        self._chars += sum(len(line.text) for line in new)
        slack = 1 + 1 / _SLACK
        if self._chars <= self._most_chars * slack and len(self.lines) <= self._most_lines * slack:
            return
        drop = max(0, len(self.lines) - self._most_lines)
        chars = self._chars - sum(len(line.text) for line in self.lines[:drop])
        while chars > self._most_chars and drop < len(self.lines) - 1:
            chars -= len(self.lines[drop].text)
            drop += 1
        del self.lines[:drop]
        self.dropped += drop
        self._chars = chars
