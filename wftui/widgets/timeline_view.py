"""The timeline of a workflow: virtual rows of bars below the time axis; what each key does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from wftui.present.keys import Place
from wftui.timeline.lines import Lines
from wftui.timeline.scale import Window
from wftui.widgets.bindings import bindings
from wftui.widgets.cursor_lines import GUTTER, MARGIN, CursorLines
from wftui.widgets.tones import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from wftui.present.columns import Span
    from wftui.present.glyphs import Glyphs
    from wftui.timeline.rows import Row, Timeline

# Rows whose strips are kept.
_REMEMBERED = 3_000


class TimelineView(CursorLines):
    """A cursor on a row, a window on the time.

    Args:
        glyphs: The characters to draw with.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.TIMELINE)
    # How many ran at once, and the axis.
    HEADINGS = 2

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row, told by its first task; None where there is none."""

        task_id: str | None

    @dataclass
    class Opened(Message):
        """A row was chosen: to open it, or with `fold` to fold it."""

        row: Row
        fold: bool = False

    class OrderTurned(Message):
        """Rows are wanted in the other order."""

    class Outgrown(Message):
        """What goes on has grown beyond the room that was left for it."""

    class SearchEnded(Message):
        """No search any more."""

    class Looked(Message):
        """Another part of the time is looked at, or it is told otherwise."""

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._timeline: Timeline | None = None
        self._lines: Lines | None = None
        self._now = 0.0
        self._cursor = 0
        self._key: str | None = None
        self._strips: dict[tuple[int, str], Strip] = {}
        self._made_for = 0
        self.window: Window | None = None
        self.absolute = False
        self.matches: frozenset[int] = frozenset()

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline | None:
        """What is drawn."""
        return self._timeline

    @property
    def lines(self) -> Lines | None:
        """How it is drawn."""
        return self._lines

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor."""
        rows = self._timeline.rows if self._timeline is not None else ()
        return rows[self._cursor] if rows else None

    @property
    def cursor_at(self) -> int:
        """Its number from the top."""
        return self._cursor

    @property
    def ticks(self) -> bool:
        """Whether anything grows by itself."""
        return self._timeline is not None and self._timeline.live

    def show(self, timeline: Timeline | None, now: float, *, anew: bool = False) -> None:
        """Draw a timeline at `now` (Unix seconds); `anew` when it is of another workflow than before."""
        line = self._cursor - self.scroll_offset.y
        self._timeline, self._now = timeline, now
        if anew:
            self.window, self._key, self._cursor, line = None, None, 0, 0
        if timeline is not None and self._key is not None:
            self._cursor = timeline.place.get(self._key, self._cursor)
        count = len(timeline.rows) if timeline is not None else 0
        self._cursor = max(0, min(self._cursor, count - 1))
        self._lay_out()
        self.scroll_now(max(0, self._cursor - line))
        self._tell()

    def tick(self, now: float) -> None:
        """It is later: the running edge moves, and what is told of it."""
        before, self._now = self._now, now
        timeline, lines = self._timeline, self._lines
        if timeline is None or lines is None or lines.scale is None or not timeline.live or timeline.time is None:
            return
        if now > timeline.time.extent.end:
            self.post_message(self.Outgrown())
            return
        left = GUTTER + lines.columns.left
        first = max(0, int(lines.scale.x(before)) - 1)
        last = min(lines.columns.bars, int(lines.scale.x(now)) + 3)
        edge = Region(left + first, 0, max(1, last - first), 1)
        top = self.scroll_offset.y
        self.refresh(edge)
        for y in range(self.HEADINGS, self.size.height):
            at = top + y - self.HEADINGS
            if at < len(timeline.rows) and timeline.rows[at].goes_on:
                for look in ("", "cursor", "cursor-blurred"):
                    self._strips.pop((at, look), None)
                self.refresh(edge.translate((0, y)), Region(GUTTER, y, lines.columns.left, 1))

    def go_to(self, task_id: str) -> bool:
        """Put the cursor on the row of a task; False when it has none yet."""
        place = self._timeline.place.get(task_id) if self._timeline is not None else None
        if place is None:
            self._key = task_id
            return False
        self._move(place)
        return True

    def move_to(self, row: int) -> None:
        """Put the cursor on a row."""
        self._move(row)

    def highlight(self, rows: frozenset[int]) -> None:
        """Let what matches a search stand out."""
        if rows != self.matches:
            self.matches = rows
            self._redraw_all()

    # -- keys and mouse --------------------------------------------------------------------------------------

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Escape is the timeline's while there is a search to leave."""
        return action != "whole" or bool(self.matches)

    def action_open(self) -> None:
        """Open the task, or some of what is grouped or folded."""
        if self.cursor_row is not None:
            self.post_message(self.Opened(self.cursor_row))

    def action_fold(self) -> None:
        """Fold what was opened again, or a sub-DAG."""
        if self.cursor_row is not None:
            self.post_message(self.Opened(self.cursor_row, fold=True))

    def action_zoom(self, by: float) -> None:
        """Look closer or from further away, at the bar of the row where that is seen."""
        timeline, lines = self._timeline, self._lines
        if timeline is None or timeline.time is None or lines is None or lines.scale is None:
            return
        left, right = lines.scale.window
        middle = self._middle(left, right)
        size = (right - left) * by
        # What was in the middle stays where it is.
        part = (middle - left) / (right - left)
        self._look(Window(middle - part * size, middle + (1 - part) * size))

    def action_pan(self, by: float) -> None:
        """Look at what was before or came later."""
        if self._lines is not None and self._lines.scale is not None:
            left, right = self._lines.scale.window
            self._look(Window(left + by * (right - left), right + by * (right - left)))

    def action_all(self) -> None:
        """See all of the time again."""
        self.window = None
        self._redraw_all()
        self.post_message(self.Looked())

    def action_clock(self) -> None:
        """Tell times by the clock, or since the start."""
        self.absolute = not self.absolute
        self._redraw_all()
        self.post_message(self.Looked())

    def action_order(self) -> None:
        """Sort by the start, or as the graph does."""
        self.post_message(self.OrderTurned())

    def action_whole(self) -> None:
        """No search any more."""
        self.post_message(self.SearchEnded())

    def action_next_failed(self) -> None:
        """To the next row in which a task failed, round and round."""
        rows = self._timeline.rows if self._timeline is not None else ()
        failed = [at for at, row in enumerate(rows) if row.tone == "failed"]
        if failed:
            self._move(next((at for at in failed if at > self._cursor), failed[0]))
        else:
            self.notify("No task failed")

    def action_critical(self, by: int) -> None:
        """Along the rows of the critical path."""
        rows = self._timeline.rows if self._timeline is not None else ()
        ahead = [at for at, row in enumerate(rows) if row.critical and (at - self._cursor) * by > 0]
        if ahead:
            self._move(ahead[0] if by > 0 else ahead[-1])
        elif not any(row.critical for row in rows):
            self.notify("No times are known yet, so there is no critical path", severity="warning")

    # -- drawing ---------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen; the first two are the headings."""
        width, timeline = self.size.width, self._timeline
        if width != self._made_for:
            self._make_lines()  # a widget is drawn in its new size before it is told of it
        lines = self._lines
        if lines is None or timeline is None or not timeline.rows:
            text = "  no task is recorded" if y == 0 and timeline is not None else ""
            return Strip([Segment(text, self.style_of("muted"))]).adjust_cell_length(width, self.style_of(""))
        if y < self.HEADINGS:
            spans = lines.at_once(self._now) if y == 0 else lines.axis()
            return self._strip([Segment(" " * GUTTER, self.style_of(""))], spans, "")
        at = self.scroll_offset.y + y - self.HEADINGS
        if at >= len(timeline.rows):
            return Strip.blank(width, self.style_of(""))
        look = self._under(at)
        found = self._strips.get((at, look))
        if found is None:
            if len(self._strips) > _REMEMBERED:
                self._strips.clear()
            pointer = self._glyphs.cursor if look else self._glyphs.dot if at in self.matches else " "
            head = [Segment(pointer, self.style_of(look, "pointer")), Segment(" ", self.style_of(look))]
            found = self._strips[at, look] = self._strip(head, lines.row(timeline.rows[at], self._now), look)
        return found

    def _strip(self, head: list[Segment], spans: Sequence[Span], under: str) -> Strip:
        segments = [*head, *(Segment(span.text, self.style_of(under, _known(span.tone))) for span in spans)]
        return Strip(segments).adjust_cell_length(self.size.width, self.style_of(under))

    def on_resize(self) -> None:
        """Lay the lines out for the new width, where drawing did not do it already."""
        self.virtual_size = Size(self.size.width, self._count() + self.HEADINGS)
        if self.size.width != self._made_for:
            self._make_lines()
        self.redraw()
        self._scroll_to_cursor()

    def notify_style_update(self) -> None:
        """The theme changed."""
        self._strips.clear()
        super().notify_style_update()

    # -- inside ----------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self.virtual_size = Size(self.size.width, self._count() + self.HEADINGS)
        self._redraw_all()

    def _redraw_all(self) -> None:
        self._make_lines()
        self.redraw()

    def _make_lines(self) -> None:
        self._strips.clear()
        self._made_for = self.size.width
        width = max(1, self.size.width - GUTTER - MARGIN)
        if self._timeline is not None:
            before, clock = self._lines, self.absolute
            self._lines = Lines(self._timeline, self._glyphs, width, self.window, absolute=clock, before=before)

    def _look(self, window: Window) -> None:
        if self._timeline is None or self._timeline.time is None:
            return
        time = self._timeline.time
        fitted = time.fitted(window)
        self.window = None if fitted == time.whole else fitted
        self._redraw_all()
        self.post_message(self.Looked())

    def _middle(self, left: float, right: float) -> float:
        """Where to zoom at, in seconds of work: the bar of the row, or the middle of what is seen."""
        row, timeline = self.cursor_row, self._timeline
        if row is not None and timeline is not None and timeline.time is not None:
            tries = [one for task_id in row.ids for one in timeline.timings[task_id].tries]
            if tries:
                ends = [one.end if one.end is not None else self._now for one in tries]
                found = timeline.time.seconds_at((min(one.start for one in tries) + max(ends)) / 2)
                if left <= found <= right:
                    return found
        return (left + right) / 2

    def _count(self) -> int:
        return len(self._timeline.rows) if self._timeline is not None else 0

    def _move(self, index: int) -> None:
        self._cursor = max(0, min(index, self._count() - 1))
        self._scroll_to_cursor()
        self.redraw()
        self._tell()

    def _tell(self) -> None:
        row = self.cursor_row
        task_id = row.ids[0] if row is not None else None
        known = self._key is not None and row is not None and self._key in row.ids
        if task_id is not None and not known:
            self._key = task_id
        self.post_message(self.Highlighted(self._key if row is not None else None))


def _known(tone: str) -> str:
    """What the graph calls its styles, as tones."""
    return tone if tone in STYLES else "muted"
