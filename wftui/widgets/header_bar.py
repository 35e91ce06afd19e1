"""The head of the main screen: targets, how fresh they are, and how many workflows have which status."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from wftui.monitor.events import Health
from wftui.present.format import clock_time, seconds
from wftui.present.glyphs import STATUS_ORDER
from wftui.present.text import visible
from wftui.widgets.tones import WARNING, toned

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.clock import Clock
    from wftui.model.status import Status
    from wftui.monitor.events import SourceState
    from wftui.present.glyphs import Glyphs


_LONG = 5_000
"""So many rows take a while to read, which is then shown."""


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """What the header shows.

    Attributes:
        states: Of every source, in the order they were given.
        counts: Workflows of each status.
        total: Workflows in the list, the filtered ones included.
        shown: Those that the filter lets through; None without a filter.
        read_only: Whether nothing can be written.
    """

    states: tuple[SourceState, ...] = ()
    counts: Mapping[Status, int] | None = None
    total: int = 0
    shown: int | None = None
    read_only: bool = False


class HeaderBar(Widget):
    """Two lines: where and how fresh; how many of what. Changes only when it is given other facts.

    Args:
        clock: For the age of stale data.
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    HeaderBar { height: 2; width: 1fr; padding: 0 1; }
    """

    def __init__(self, *, clock: Clock, glyphs: Glyphs) -> None:
        super().__init__()
        self._clock = clock
        self._glyphs = glyphs
        self._facts = HeaderFacts()

    def show(self, facts: HeaderFacts) -> None:
        """Show these facts."""
        if facts != self._facts:
            self._facts = facts
            self.refresh()

    def render(self) -> Content:
        """Both lines."""
        width = self.content_size.width
        first = _spread(self._where(), self._fresh(), width, self._glyphs)
        shown = self._shown()
        second = _spread(self._counts(width - shown.cell_length - 2), shown, width, self._glyphs)
        return Content("\n").join([first, second])

    def _where(self) -> Content:
        states = self._facts.states
        parts = [toned("wftui", "strong"), Content("  ")]
        if len(states) == 1:
            info = states[0].info
            parts += [toned(visible(info.target)), toned(f"  {info.engine} {info.kind}", "muted")]
        elif states:
            parts.append(toned(f"{len(states)} sources", "muted"))
            for state in states:
                parts += [Content("  "), self._health_glyph(state), toned(f" {visible(state.info.target)}")]
        else:
            parts.append(toned("no target", "muted"))
        return Content("").join(parts)

    def _fresh(self) -> Content:
        parts = [self._freshness()] if self._facts.states else []
        if self._facts.read_only:
            parts.append(toned("read-only", "warning"))
        return Content("  ").join(parts)

    def _freshness(self) -> Content:
        """The state that matters most among the sources: down, then loading, then live."""
        states, now = self._facts.states, self._clock.time()
        down = [state for state in states if state.health is Health.DOWN]
        if down:
            since = min((state.as_of for state in down if state.as_of is not None), default=None)
            glyph = toned(f"{WARNING} ", "warning")
            if since is None:
                return Content("").join([glyph, toned("no data", "warning")])
            text = f"stale since {clock_time(since, now)}, {seconds(now - since)} old"
            return Content("").join([glyph, toned(text, "warning")])
        loading = [state for state in states if state.health in (Health.CONNECTING, Health.LISTING)]
        if loading:
            return self._loading(loading)
        as_of = max((state.as_of for state in states if state.as_of is not None), default=None)
        when = self._reading() or toned(f"updated {clock_time(as_of, now)}" if as_of is not None else "", "muted")
        if any(state.health is Health.PAUSED for state in states):
            return Content("").join([toned("paused  ", "warning"), when])
        return Content("").join([toned(f"{self._glyphs.mark} live  ", "successful"), when])

    def _loading(self, loading: list[SourceState]) -> Content:
        if all(state.health is Health.CONNECTING for state in loading):
            return toned("connecting", "muted")
        loaded = sum(state.loaded for state in loading)
        totals = [state.total for state in loading]
        if not all(totals):  # not told yet
            return toned(f"loading {loaded:,}" if loaded else "loading", "muted")
        return toned(f"loading {loaded:,} of {sum(total or 0 for total in totals):,}", "muted")

    def _reading(self) -> Content | None:
        """How far the times and metadata of many rows are read; None where nobody waits for that."""
        states = [s for s in self._facts.states if s.health is Health.LIVE and not s.info.is_costly]
        total, read = sum(state.total or 0 for state in states), sum(state.enriched for state in states)
        if total < _LONG or read >= total:
            return None
        return toned(f"reading {read:,} of {total:,}", "muted")

    def _health_glyph(self, state: SourceState) -> Content:
        if state.health is Health.DOWN:
            return toned(WARNING, "warning")
        return toned(self._glyphs.mark, "successful" if state.health is Health.LIVE else "muted")

    def _counts(self, width: int) -> Content:
        """Every status there is; where room is short the last ones, which matter least, are summed up."""
        counts = self._facts.counts or {}
        parts = [self._count(status, counts[status]) for status in STATUS_ORDER if counts.get(status)]
        numbers = [counts[status] for status in STATUS_ORDER if counts.get(status)]
        for gap in (3, 2):
            line = Content(" " * gap).join(parts)
            if line.cell_length <= width:
                return line
        for kept in range(len(parts) - 1, 0, -1):
            others = toned(f"{sum(numbers[kept:]):,} others", "muted")
            line = Content("  ").join([*parts[:kept], others])
            if line.cell_length <= width:
                return line
        return parts[0] if parts else Content("")

    def _count(self, status: Status, count: int) -> Content:
        tone, glyph = status.value.lower(), self._glyphs.status[status]
        return Content("").join([toned(f"{glyph} ", tone), toned(f"{count:,} ", "strong"), toned(status.value, tone)])

    def _shown(self) -> Content:
        facts = self._facts
        if facts.shown is not None:
            return toned(f"{facts.shown:,} of {facts.total:,} shown", "muted")
        return toned(f"{facts.total:,} workflow{'' if facts.total == 1 else 's'}" if facts.total else "", "muted")


def _spread(left: Content, right: Content, width: int, glyphs: Glyphs) -> Content:
    """Left and right in one line; the left is cut when both do not fit, the right never but by the line's end."""
    room = width - right.cell_length - (2 if right else 0)
    if left.cell_length > room:
        cut = [left.truncate(room - 1), toned(glyphs.ellipsis, "muted")] if room > 1 else []
        left = Content("").join(cut)
    space = max(0, width - left.cell_length - right.cell_length)
    return Content("").join([left, Content(" " * space), right]).truncate(width)
