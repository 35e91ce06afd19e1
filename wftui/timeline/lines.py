"""The lines of a timeline: labels, axis, how many ran at once, bars, legend. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.dag import cells
from wftui.model.status import Status
from wftui.present.columns import Span
from wftui.present.format import duration
from wftui.present.time_lines import percent
from wftui.timeline.axis import axis
from wftui.timeline.bars import Phase
from wftui.timeline.cells import TONES, Strip, ink, levels_of
from wftui.timeline.rows import bar_tone
from wftui.timeline.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.present.glyphs import Glyphs
    from wftui.timeline.rows import Row, Timeline
    from wftui.timeline.scale import Window

Spans = tuple[Span, ...]

_TIME = 6
_SHARE = 4
# From so many cells there is room for each row's share.
_SHARES_FROM = 96
_LEAST_LABEL, _MOST_LABEL = 8, 44
_LEAST_BARS = 8


@dataclass(frozen=True, slots=True)
class Columns:
    """How a line is divided, in cells: mark and critical mark, label, time, share, bars.

    Attributes:
        label: Cells of labels.
        time: Whether times have a column.
        share: Whether shares have one.
        bars: Cells of bars.
    """

    label: int
    time: bool
    share: bool
    bars: int

    @property
    def left(self) -> int:
        """Cells before the bars."""
        return 4 + self.label + (1 + _TIME if self.time else 0) + (1 + _SHARE if self.share else 0) + 1


def columns_for(timeline: Timeline, width: int) -> Columns:
    """Divide a line of so many cells."""
    longest = max((cells.width_of(row.label[:80]) + 2 * row.depth for row in timeline.rows), default=0)
    label = max(_LEAST_LABEL, min(longest, _MOST_LABEL, int(width * 0.3)))
    time, share = width >= 44, width >= _SHARES_FROM
    made = Columns(label, time, share, 0)
    if width - made.left < _LEAST_BARS:
        made = Columns(max(1, width - 5 - _LEAST_BARS), time=False, share=False, bars=0)
    return Columns(made.label, made.time, made.share, max(1, width - made.left))


class Lines:
    """Draws a timeline in so many cells.

    Args:
        timeline: What to draw.
        glyphs: The characters.
        width: Cells.
        window: What of the time is looked at; None for all.
        absolute: Tell moments by the clock instead of since the start.
        before: How it was drawn before: what all rows say together is taken from there.
    """

    def __init__(
        self,
        timeline: Timeline,
        glyphs: Glyphs,
        width: int,
        window: Window | None = None,
        *,
        absolute: bool = False,
        before: Lines | None = None,
    ) -> None:
        self.timeline, self.glyphs, self.width = timeline, glyphs, width
        same = before if before is not None and before.timeline is timeline else None
        self._occurs: tuple[frozenset[Phase], bool, bool] | None = same._occurs if same is not None else None
        fits = same is not None and same.width == width
        self.columns: Columns = same.columns if same is not None and fits else columns_for(timeline, width)
        self.absolute = absolute
        self.ascii = glyphs.mark.isascii()
        self.ink = ink(ascii_only=self.ascii)
        time = timeline.time
        self.scale = Scale(time, window or time.whole, self.columns.bars) if time is not None else None

    def axis(self) -> Spans:
        """The ticks."""
        if self.scale is None:
            return ()
        word = "clock" if self.absolute else "since start"
        left = self.columns.left
        return (
            Span(cells.cut(word, left - 2, "").rjust(left - 1) + " ", "faint"),
            Span(axis(self.scale, absolute=self.absolute, ascii_only=self.ascii), "muted"),
        )

    def at_once(self, now: float | None = None) -> Spans:
        """How many ran at once, over the time."""
        if self.scale is None or not self.timeline.steps:
            return ()
        steps = self.timeline.steps
        if now is not None and steps[-1][0] >= self.timeline.now:  # what runs then runs on
            steps = (*steps[:-1], (max(now, steps[-1][0]), 0))
        most = max(count for _, count in steps)
        strip = Strip(self.scale, self.ink)
        strip.count(levels_of(steps, self.scale), most, "running")
        left = self.columns.left
        sign = "<=" if self.ascii else "≤"
        word = f"at once {sign} {most:,}"
        head = Span(cells.cut(word, left - 2, "").rjust(left - 1) + " ", "muted")
        return (head, *strip.finish())

    def row(self, row: Row, now: float | None = None) -> Spans:
        """A row, at `now` if it is later by then."""
        return (*self.head(row, now), *self.body(row, now))

    def head(self, row: Row, now: float | None = None) -> Spans:
        """What stands before the bars."""
        columns, glyphs = self.columns, self.glyphs
        nest = "  " * (row.depth - 1) + f"{glyphs.branch} " if row.depth else ""
        label = cells.cut(nest + row.label, columns.label, glyphs.ellipsis)
        padding = " " * (columns.label - cells.width_of(label))
        nest_shown = nest if label.startswith(nest) else ""
        spans = [
            Span(f"{row.mark} ", row.tone),
            Span(f"{glyphs.mark} " if row.critical else "  ", "waiting"),
            Span(nest_shown, "faint"),
            Span(label[len(nest_shown) :] + padding, "failed" if row.tone == "failed" else ""),
        ]
        if columns.time:
            spent = duration(self.timeline.spent(row, now))
            spans.append(Span(spent.rjust(_TIME + 1), "running" if row.goes_on else "muted"))
        if columns.share:
            share = percent(self.timeline.share(row)) if not row.is_many else ""
            spans.append(Span(share.rjust(_SHARE + 1), "strong" if row.critical else "faint"))
        spans.append(Span(" "))
        return tuple(spans)

    def body(self, row: Row, now: float | None = None) -> Spans:
        """The bars of a row."""
        if self.scale is None:
            return (Span(" " * self.columns.bars),)
        strip = Strip(self.scale, self.ink)
        tone = self._tone(row)
        if row.is_many:
            steps = self.timeline.counts(row, now)
            most = max((count for _, count in steps), default=1)
            strip.count(levels_of(steps, self.scale), most, tone)
            strip.stain(self.timeline.failures(row), "failed")
        else:
            strip.paint(self.timeline.bars(row, now), tone)
        return tuple(strip.finish())

    def _tone(self, row: Row) -> str:
        if not row.is_many:
            return bar_tone(self.timeline.index.tasks[row.ids[0]].status, critical=row.critical)
        statuses = {self.timeline.index.tasks[task_id].status for task_id in row.ids}
        return bar_tone(Status.RUNNING if Status.RUNNING in statuses else Status.SUCCESSFUL, critical=row.critical)

    def legend(self) -> Spans:
        """What the characters mean that occur."""
        if self._occurs is None:
            self._occurs = _occurs(self.timeline)
        seen, many, critical = self._occurs
        parts: list[Spans] = []
        if critical:
            parts.append((Span(self.glyphs.mark, "waiting"), Span(" critical path", "muted")))
        for phase in Phase:
            if phase in seen:
                tone = TONES.get(phase, "successful")
                parts.append((Span(self.ink.phases[phase] * 2, tone), Span(f" {phase.value}", "muted")))
        if many:
            parts.append((Span(self.ink.ramp[::2], "quiet"), Span(" how many at once", "muted")))
        if self.scale is not None and self.scale.gap_cells:
            parts.append((Span(self.ink.gap, "faint"), Span(" idle, drawn short", "muted")))
        return joined(parts, "   ")


def _occurs(timeline: Timeline) -> tuple[frozenset[Phase], bool, bool]:
    """What occurs in the rows: which phases, groups, the critical path."""
    seen: set[Phase] = set()
    many = False
    for row in timeline.rows[:2000]:
        many = many or row.is_many
        if not row.is_many:
            seen.update(bar.phase for bar in timeline.bars(row))
    return frozenset(seen), many, any(row.critical for row in timeline.rows)


def joined(parts: Sequence[Spans], gap: str) -> Spans:
    """Parts of a line, one after the other."""
    spans: list[Span] = []
    for part in parts:
        if part:
            spans += [Span(gap), *part] if spans else part
    return tuple(spans)


def cut(spans: Sequence[Span], width: int, ellipsis: str) -> Spans:
    """Spans in at most so many cells, with the ellipsis where they were cut."""
    kept: list[Span] = []
    for at, span in enumerate(spans):
        size = cells.width_of(span.text)
        rest = at + 1 < len(spans)
        if size > width or (rest and size == width):
            kept.append(Span(cells.cut(span.text + " ", width, ellipsis), span.tone))
            break
        width -= size
        kept.append(span)
    return tuple(kept)
