"""Bars as characters: eighths of a cell where the terminal has them, plain ASCII elsewhere. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.columns import Span
from wftui.timeline.bars import Phase

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.timeline.bars import Bar
    from wftui.timeline.scale import Scale

_EIGHTHS = " ▏▎▍▌▋▊▉█"
# Where a bar begins within a cell there are characters for its right half and eighth only.
_RIGHT_HALF, _RIGHT_EIGHTH = "▐", "▕"


@dataclass(frozen=True, slots=True)
class Ink:
    """The characters of one kind of terminal.

    Attributes:
        phases: What fills the cells of each phase.
        ramp: How much there is in a cell, from little to all.
        edge: Stands behind what goes on.
        before: Something lies left of what is seen.
        after: Something lies right of it.
        gap: A long idle time, drawn short.
        exact: Whether there are eighths of cells.
    """

    phases: dict[Phase, str]
    ramp: str
    edge: str
    before: str
    after: str
    gap: str
    exact: bool


UNICODE = Ink(
    {
        Phase.QUEUED: "·",
        Phase.RUNNING: "█",
        Phase.TRIED: "▒",
        Phase.BEFORE: "░",
        Phase.INSIDE: "─",
        Phase.ASLEEP: "┄",
        Phase.UNKNOWN: "?",
    },
    "▁▂▃▄▅▆▇█",
    "▶",
    "‹",
    "›",
    "≈",
    exact=True,
)
ASCII = Ink(
    {
        Phase.QUEUED: ".",
        Phase.RUNNING: "#",
        Phase.TRIED: "x",
        Phase.BEFORE: ",",
        Phase.INSIDE: "_",
        Phase.ASLEEP: "-",
        Phase.UNKNOWN: "?",
    },
    ":-=+*#",
    ">",
    "<",
    ">",
    "~",
    exact=False,
)
TONES = {
    Phase.QUEUED: "muted",
    Phase.TRIED: "resumable",
    Phase.BEFORE: "resumable",
    Phase.INSIDE: "muted",
    Phase.ASLEEP: "waiting",
    Phase.UNKNOWN: "unknown",
}


def ink(*, ascii_only: bool) -> Ink:
    """The characters for a terminal."""
    return ASCII if ascii_only else UNICODE


class Strip:
    """Cells to paint bars in.

    Args:
        scale: Where moments are.
        ink: The characters.
    """

    def __init__(self, scale: Scale, ink: Ink) -> None:
        self.scale, self.ink = scale, ink
        self.chars = [" "] * scale.width
        self.tones = [""] * scale.width
        # How much of each cell what stands there covers; what runs goes before what waits, however little it is.
        self.covered = [0.0] * scale.width
        self._beyond = [False, False]

    def paint(self, bars: Iterable[Bar], tone: str) -> None:
        """Paint bars; what runs in `tone`."""
        for bar in bars:
            left, right = self.scale.x(bar.start), self.scale.x(bar.end)
            width = self.scale.width
            if right < 0 or (right == 0 and left < 0):
                self._beyond[0] = True
            elif left >= width:
                if left > width + 1e-6 or not self.scale.reaches_end:
                    self._beyond[1] = True
                    continue
                left = right = width - 0.5  # at the very end of all
            self._bar(bar.phase, left, right, TONES.get(bar.phase, tone))
            if bar.goes_on and bar.phase is not Phase.QUEUED and right >= 0:
                edge = min(math.ceil(right - 1e-6), width - 1)
                if right <= width:
                    self._set(edge, self.ink.edge, tone, 4.0)

    def count(self, levels: Sequence[int], most: int, tone: str) -> None:
        """Paint how many run in each cell, the most of all being a full cell."""
        ramp = self.ink.ramp
        for at, level in enumerate(levels):
            if level > 0:
                step = math.ceil(level * len(ramp) / max(1, most)) - 1
                self._set(at, ramp[max(0, min(step, len(ramp) - 1))], tone, 3.0)

    def stain(self, moments: Iterable[float], tone: str) -> None:
        """Give the cells of some moments another tone, the one before where a bar ended there."""
        for moment in moments:
            at = math.ceil(self.scale.x(moment)) - 1
            if 0 <= at < self.scale.width and self.chars[at] != " ":
                self.tones[at] = tone

    def finish(self) -> list[Span]:
        """The cells as spans, with marks of gaps and of what lies beyond."""
        for x, _ in self.scale.gap_cells:
            if self.covered[x] < 2:
                self.chars[x], self.tones[x] = self.ink.gap, "faint"
        for beyond, at, mark in zip(self._beyond, (0, -1), (self.ink.before, self.ink.after), strict=True):
            if beyond and self.chars[at] == " ":
                self.chars[at], self.tones[at] = mark, "muted"
        spans: list[Span] = []
        text, tone = "", ""
        for char, own in zip(self.chars, self.tones, strict=True):
            if own != tone:
                if text:
                    spans.append(Span(text, tone))
                text, tone = "", own
            text += char
        spans.append(Span(text, tone))
        return spans

    def _set(self, at: int, char: str, tone: str, covered: float) -> None:
        if covered >= self.covered[at]:
            self.chars[at], self.tones[at], self.covered[at] = char, tone, covered

    def _bar(self, phase: Phase, left: float, right: float, tone: str) -> None:
        fill = self.ink.phases[phase]
        exact = self.ink.exact and phase is Phase.RUNNING
        first, last = max(0, math.floor(left)), min(self.scale.width - 1, math.ceil(right) - 1)
        for at in range(first, max(first, last) + 1):
            if at >= self.scale.width:
                return
            begins, ends = max(left, at) - at, min(right, at + 1) - at
            covered = ends - begins
            ran = 2.0 if phase in (Phase.RUNNING, Phase.TRIED, Phase.UNKNOWN) else 0.0
            if exact:
                self._set(at, _partial(begins, ends), tone, ran + covered)
            elif covered >= 0.5 or (last <= first and phase is not Phase.QUEUED):
                self._set(at, fill, tone, ran + covered)


def _partial(begins: float, ends: float) -> str:
    """The character that covers a cell from `begins` to `ends`, parts of it, as well as one can."""
    covered = ends - begins
    if begins < 0.0625 or (begins < 0.5 and ends < 0.9375):
        return _EIGHTHS[max(1, min(8, round(covered * 8)))]
    if covered >= 0.75:
        return "█"
    return _RIGHT_HALF if covered >= 0.3125 else _RIGHT_EIGHTH


def levels_of(steps: Sequence[tuple[float, int]], scale: Scale) -> list[int]:
    """How many run at most in each cell, from steps of (Unix seconds, how many from then on)."""
    levels = [0] * scale.width
    left = scale.x(steps[0][0]) if steps else 0.0
    for at, (_, count) in enumerate(steps):
        right = scale.x(steps[at + 1][0]) if at + 1 < len(steps) else float(scale.width)
        if count and right >= 0 and left < scale.width:
            first, last = max(0, math.floor(left)), min(scale.width - 1, max(math.floor(left), math.ceil(right) - 1))
            for cell in range(first, last + 1):
                levels[cell] = max(levels[cell], count)
        left = right
    return levels
