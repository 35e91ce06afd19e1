"""Makes lines of what a program printed to one stream, as a terminal would, and harmless. Pure.

Carriage returns, backspaces and "erase line" do what they do on a terminal, so that a progress bar is one line that
changes. Colours and the like become looks, which last until they are ended, over ends of lines, too, as on a terminal.
Every other control character and escape is shown instead of acting. However the text is cut into pieces, the lines are
the same.
"""

from __future__ import annotations

import re
from itertools import groupby

from wftui.present.output_looks import PLAIN, SGR, Look, Painted, look_after, look_given
from wftui.present.text import visible

LONGEST = 8_192
"""Characters; what is longer goes on in the next line."""
MOST_RUNS = 512
"""Changes of look in one line; what follows is plain."""
_CSI = "\x1b\\[[0-?]{0,64}[ -/]{0,8}"
_TOKEN = re.compile(f"[\r\b]|{_CSI}[@-~]")
# The beginning of what may go on in the next piece.
_BEGUN = re.compile("\x1b(?:\\[[0-?]{0,64}[ -/]{0,8})?\\Z")


class LineMaker:
    """Makes the lines of one stream out of its pieces.

    Args:
        longest: Characters; what is longer goes on in the next line.
        keeps_tabs: Leave tabs as they are, for text that goes into a file.
        has_looks: Whether looks are wanted; else all of it is plain, and made more quickly.
    """

    def __init__(self, longest: int = LONGEST, *, keeps_tabs: bool = False, has_looks: bool = True) -> None:
        self._longest = longest
        self._has_looks = has_looks
        self._keeps_tabs = keeps_tabs
        self._look = PLAIN
        self._held = ""
        self._begin()

    @property
    def pending(self) -> Painted:
        """The line that has no end yet."""
        text, runs = self._made(0, 0 if self._erased else len(self._chars))
        held = visible(self._held)
        return Painted(text + held, (*runs, (len(text + held), PLAIN)) if runs and held else runs)

    def feed(self, text: str) -> list[Painted]:
        """Take in the next piece. Returns the lines that it ends."""
        text, self._held = self._held + text, ""
        begun = _BEGUN.search(text, max(0, len(text) - 80))
        if begun is not None:
            text, self._held = text[: begun.start()], text[begun.start() :]
        lines: list[Painted] = []
        first, *others = text.split("\n")
        self._take(first, lines)
        if others:
            self._end_line(lines)
            is_plain = self._look == PLAIN and "\x1b" not in text and "\r" not in text and "\b" not in text
            for line in others[:-1]:
                short = is_plain and len(line) <= self._longest
                made = Painted(self._shown(line)) if short else self._simple(line)
                if made is None:
                    self._take(line, lines)
                    self._end_line(lines)
                else:
                    lines.append(made)
            self._take(others[-1], lines)
        return lines

    def end(self) -> list[Painted]:
        """Nothing more comes, or not what would come next: the line without an end, if there is one."""
        rest = self.pending
        self._held, self._look = "", PLAIN
        self._begin()
        return [rest] if rest.text else []

    def _begin(self) -> None:
        """A new line. One entry for each character, so that writing over some costs no more than those."""
        self._chars: list[str] = []
        self._looks: list[Look] = []  # as long as the line, or empty as long as all of it is plain
        self._at = 0  # never behind the end
        self._blank = 0  # so much of its beginning is blank for sure
        self._erased = False  # all of it, and nothing was written since: there is as much of it as the cursor is in

    def _take(self, text: str, lines: list[Painted]) -> None:
        """A part of a line."""
        done = 0
        if "\x1b" in text or "\r" in text or "\b" in text:
            for token in _TOKEN.finditer(text):
                self._put(text[done : token.start()], lines)
                done = token.end()
                self._obey(token[0], lines)
        self._put(text[done:], lines)

    def _simple(self, line: str) -> Painted | None:
        """A whole line in which nothing acts but looks, as most are; None for any other. The same, but quicker."""
        line, look = line.rstrip("\r"), self._look
        if len(line) > self._longest or "\r" in line or "\b" in line:
            return None
        if not self._has_looks:
            line = SGR.sub("", line)
            return Painted(self._shown(line)) if "\x1b" not in line else None
        if "\x1b" not in line:
            return self._painted([(line, look)])
        text, *rest = SGR.split(line)
        parts = [(text, look)]
        for given, text in zip(rest[::2], rest[1::2], strict=True):
            look = look_given(look, given)
            parts.append((text, look))
        if any("\x1b" in text for text, _ in parts):
            return None
        self._look = look
        return self._painted(parts)

    def _end_line(self, lines: list[Painted]) -> None:
        lines.append(self._made(0, 0 if self._erased else len(self._chars)))
        self._begin()

    def _obey(self, code: str, lines: list[Painted]) -> None:
        if code in ("\r", "\b"):
            self._at = 0 if code == "\r" else max(0, self._at - 1)
            if self._erased:
                self._erase_behind()
        elif code in ("\x1b[K", "\x1b[0K"):
            self._erase_behind()
        elif code == "\x1b[1K":
            self._erase_before()
        elif code == "\x1b[2K":
            self._erase_before()
            self._erase_behind()
            self._erased = True
        elif (look := look_after(self._look, code)) is not None:
            self._look = look if self._has_looks else PLAIN
        else:
            self._put(code, lines)

    def _erase_before(self) -> None:
        """What is before the cursor; what was blank for sure is not made blank again."""
        count = self._at - self._blank
        if count > 0:
            self._chars[self._blank : self._at] = " " * count
            if self._looks:
                self._looks[self._blank : self._at] = [PLAIN] * count
            self._blank = self._at

    def _erase_behind(self) -> None:
        """What is under the cursor and behind it."""
        del self._chars[self._at :], self._looks[self._at :]
        self._blank = min(self._blank, self._at)

    def _put(self, text: str, lines: list[Painted]) -> None:
        """Write over what is there, from the cursor on."""
        if not text:
            return
        self._erased = False
        if self._look != PLAIN and not self._looks:
            self._looks = [PLAIN] * len(self._chars)
        behind = self._at + len(text)
        self._chars[self._at : behind] = text
        if self._looks or self._look != PLAIN:
            self._looks[self._at : behind] = [self._look] * len(text)
        self._blank = min(self._blank, self._at)
        self._at = behind
        if len(self._chars) > self._longest:
            self._break(lines)

    def _break(self, lines: list[Painted]) -> None:
        """A line that is too long goes on in the next one."""
        longest, done = self._longest, 0
        while len(self._chars) - done > longest:
            lines.append(self._made(done, done + longest))
            done += longest
        del self._chars[:done], self._looks[:done]
        self._at, self._blank = max(0, self._at - done), max(0, self._blank - done)

    def _made(self, start: int, end: int) -> Painted:
        """A part of the line that was written so far."""
        text = "".join(self._chars[start:end])
        if not self._looks:
            return Painted(self._shown(text))
        parts, at = [], 0
        for look, alike in groupby(self._looks[start:end]):
            last, at = at, at + sum(1 for _ in alike)
            parts.append((text[last:at], look))
        return self._painted(parts)

    def _painted(self, parts: list[tuple[str, Look]]) -> Painted:
        """Text and looks, one after the other, as a line."""
        if all(look == PLAIN for _, look in parts):
            return Painted(self._shown("".join([text for text, _ in parts])))
        shown: list[str] = []
        runs: list[tuple[int, Look]] = []
        end = column = 0
        before = ""
        for text, look in parts:
            if not text:
                continue
            text, column = self._expanded(text, column)
            joined = before if text[0] == "\u200d" else ""  # a joiner is judged by what it joins
            part, before = self._shown(joined + text)[len(self._shown(joined)) :], text[-1]
            shown.append(part)
            end += len(part)
            if runs and (runs[-1][1] == look or len(runs) == MOST_RUNS):
                runs[-1] = end, runs[-1][1]
            else:
                runs.append((end, look if len(runs) < MOST_RUNS - 1 else PLAIN))
        text = "".join(shown)
        return Painted(text, tuple(runs) if any(look != PLAIN for _, look in runs) else ())

    def _expanded(self, text: str, column: int) -> tuple[str, int]:
        """Tabs as spaces, where the text begins in a column; and the column behind it."""
        if self._keeps_tabs or "\t" not in text:
            return text, column + len(text)
        indent = column % 8
        text = (" " * indent + text).expandtabs(8)[indent:]
        return text, column + len(text)

    def _shown(self, text: str) -> str:
        if "\t" not in text:
            return visible(text)
        if self._keeps_tabs:
            return "\t".join(map(visible, text.split("\t")))
        return visible(text.expandtabs(8))
