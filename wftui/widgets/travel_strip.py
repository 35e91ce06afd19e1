"""The slider of time travel: the moment, what happened there, and all events as ticks on a line."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from wftui.present.columns import Span
from wftui.present.format import clock_time, duration
from wftui.present.text import visible
from wftui.timeline.scale import Scale
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from textual import events

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.present.past import Event
    from wftui.timeline.journey import Journey
    from wftui.timeline.scale import Stretching
    from wftui.timeline.travel import Travel

_EDGE = 2


class TravelStrip(Widget):
    """Two lines at the bottom of the details, while it is the past that they show; a click goes to a moment.

    Args:
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    TravelStrip { height: 2; width: 1fr; padding: 0 1; display: none; background: $surface-lighten-1; }
    """

    @dataclass
    class Chosen(Message):
        """A moment was chosen."""

        moment: float

    def __init__(self, *, glyphs: Glyphs) -> None:
        super().__init__()
        self._glyphs = glyphs
        self._travel: Travel | None = None
        self._playing = False
        self._now = 0.0
        # The line of all events, and what it was drawn of: the same from one moment to the next.
        self._line: tuple[Journey | None, int, list[str]] = (None, 0, [])

    def show(self, travel: Travel, now: float, *, playing: bool) -> None:
        """Tell where one is, at `now` (Unix seconds, of the present)."""
        self._travel, self._playing, self._now = travel, playing, now
        self.refresh()

    def render(self) -> Content:
        """The two lines."""
        travel = self._travel
        if travel is not None and travel.journey is None:
            return toned("working out what happened when", "warning")
        if travel is None or travel.moment is None or travel.detail is None or travel.time is None:
            return Content("")
        return Content("\n").join([self._told(travel, travel.detail, travel.moment, travel.time), self._track(travel)])

    def _told(self, travel: Travel, detail: WorkflowDetail, moment: float, time: Stretching) -> Content:
        ascii_only = self._glyphs.mark.isascii()
        mark = ("||" if ascii_only else "‖") if not self._playing else (">>" if ascii_only else "▶")
        spans = [
            Span(f"{mark} as of {clock_time(moment, self._now)}", "warning"),
            Span(f"  +{duration(max(0.0, moment - time.extent.start)) or '0s'}", "strong"),
            Span(f" of {duration(time.extent.length)}", "muted"),
            Span(f"   event {travel.number:,} of {len(travel.events):,}", "muted"),
        ]
        event = travel.event
        if event is not None:
            spans.append(Span(f"   {event_text(event, detail)}", "failed" if event.what == "failed" else ""))
        from wftui.timeline.lines import cut  # nothing that the first rows of the list should wait for

        shown = cut(spans, max(1, self.size.width - 2), self._glyphs.ellipsis)
        return Content("").join([toned(span.text, span.tone) for span in shown])

    def _track(self, travel: Travel) -> Content:
        ascii_only = self._glyphs.mark.isascii()
        width = self.size.width - 2
        if travel.time is None or travel.moment is None or width < 2 * _EDGE + 4:
            return Content("")
        scale = self._scale(travel.time)
        cells, here = self._cells(travel, scale), "O" if ascii_only else "◆"
        at = _cell(scale, travel.moment)
        left, right = ("|", "|") if ascii_only else ("├", "┤")
        return Content("").join(
            [
                toned(f"{left}{''.join(cells[:at])}", "running"),
                toned(here, "warning"),
                toned(f"{''.join(cells[at + 1 :])}{right}", "muted"),
            ]
        )

    def _cells(self, travel: Travel, scale: Scale) -> list[str]:
        """The line without the moment: a tick for every event."""
        ascii_only = self._glyphs.mark.isascii()
        if self._line[0] is not travel.journey or self._line[1] != scale.width:
            plain, tick, gap = ("-", "'", "~") if ascii_only else ("─", "┴", "≈")
            cells = [plain] * scale.width
            for moment in travel.moments:
                cells[_cell(scale, moment)] = tick
            for x, _ in scale.gap_cells:
                cells[x] = gap
            self._line = (travel.journey, scale.width, cells)
        return self._line[2]

    def _scale(self, time: Stretching) -> Scale:
        return Scale(time, time.whole, self.size.width - 2 - _EDGE)

    def on_click(self, event: events.Click) -> None:
        """Go to the moment that was hit."""
        if self._travel is not None and self._travel.time is not None:
            self.post_message(self.Chosen(self._scale(self._travel.time).moment(event.x - 1.5)))


def _cell(scale: Scale, moment: float) -> int:
    return max(0, min(scale.width - 1, math.floor(scale.x(moment))))


def event_text(event: Event, detail: WorkflowDetail) -> str:
    """What happened, in words."""
    if event.task_id is None:
        return f"the workflow {event.what}"
    task = next((task for task in detail.tasks if task.id == event.task_id), None)
    name = visible(task.label if task is not None else event.task_id) or "(empty id)"
    return f"{name} {event.what}" + (f", attempt {event.attempt}" if event.attempt else "")
