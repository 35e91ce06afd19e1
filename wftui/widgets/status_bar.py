"""Trouble with the sources, in one line that is there only while there is some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from wftui.model.status import Status
from wftui.monitor.events import Health
from wftui.present.format import seconds
from wftui.present.text import visible
from wftui.present.trouble import down_line, reason, short
from wftui.widgets.tones import WARNING, toned

if TYPE_CHECKING:
    from textual.timer import Timer

    from wftui.model.clock import Clock
    from wftui.monitor.events import SourceState
    from wftui.present.glyphs import Glyphs


class StatusBar(Widget):
    """Which source is down, why, and when it is tried again; what could not be read; what a source remarks.

    Ticks once a second while something is down, because then it counts down to the next try.

    Args:
        clock: For the countdown.
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    StatusBar { height: 1; width: 1fr; padding: 0 1; display: none; }
    StatusBar.-trouble { display: block; }
    """

    def __init__(self, *, clock: Clock, glyphs: Glyphs) -> None:
        super().__init__()
        self._clock = clock
        self._glyphs = glyphs
        self._states: tuple[SourceState, ...] = ()
        self._marked = 0
        self._timer: Timer | None = None

    def on_mount(self) -> None:
        """Be ready to count down."""
        self._timer = self.set_interval(1.0, self.refresh, pause=True)

    def show(self, states: tuple[SourceState, ...], *, marked: int) -> None:
        """Show the trouble of these sources, and how many rows are marked."""
        if (states, marked) == (self._states, self._marked):
            return
        self._states, self._marked = states, marked
        self.set_class(bool(self._parts()), "-trouble")
        if self._timer is not None:
            waiting = any(state.health is Health.DOWN and state.retry_at is not None for state in states)
            (self._timer.resume if waiting else self._timer.pause)()
        self.refresh()

    def render(self) -> Content:
        """The line."""
        line = toned(f"  {self._glyphs.dot}  ", "faint").join(self._parts())
        width = self.content_size.width
        if line.cell_length > width:
            return Content("").join([line.truncate(max(0, width - 1)), toned(self._glyphs.ellipsis, "muted")])
        return line

    def _parts(self) -> list[Content]:
        parts = [toned(f"{self._glyphs.mark} {self._marked:,} marked", "waiting")] if self._marked else []
        parts += [self._down(state) for state in self._states if state.health is Health.DOWN]
        problems = sum(len(state.problems) for state in self._states)
        if problems:
            parts.append(toned(f"{WARNING} {problems:,} problem{'' if problems == 1 else 's'}", "warning"))
        parts += [toned(visible(note), "muted") for state in self._states for note in state.info.notes]
        return parts

    def _down(self, state: SourceState) -> Content:
        target = state.info.target
        room = self.content_size.width - 4  # the glyph, and what follows in the line
        where = visible(short(target, max(16, min(32, room // 4)))) if len(self._states) > 1 else ""
        retry = ""
        if state.retry_at is not None:
            left = state.retry_at - self._clock.time()
            retry = f"trying again in {seconds(left)}" if left >= 1 else "trying again"
        why, retry = down_line(where, reason(state.error, target), retry, room, self._glyphs.ellipsis)
        parts = [toned(f"{self._glyphs.status[Status.FAILED]} {why}", "failed")]
        if retry:
            parts.append(toned(f"  {retry}", "muted"))
        return Content("").join(parts)
