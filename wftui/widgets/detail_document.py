"""A document on screen: text to scroll, with lines that lead to a task or open a block."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from wftui.present.document import NO_FOLDS
from wftui.present.keys import Place
from wftui.present.wrap import wrap
from wftui.widgets.bindings import bindings
from wftui.widgets.toned_lines import TonedLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from wftui.present.columns import Span
    from wftui.present.document import Line
    from wftui.present.glyphs import Glyphs

_GUTTER = 2  # the pointer and a space
_MARGIN = 1  # beside the scroll bar


class DetailDocument(TonedLines):
    """Lines of a document, wrapped to the width.

    The cursor goes over the lines that do something. Where none is near, moving scrolls, so that long texts
    between them can be read.

    Args:
        glyphs: The characters to draw with.
    """

    BINDINGS = bindings(Place.READING)

    @dataclass
    class TaskChosen(Message):
        """A line that leads to a task was chosen."""

        task_id: str

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self.folds = NO_FOLDS
        self._lines: tuple[Line, ...] = ()
        self._rows: list[tuple[int, tuple[Span, ...]]] = []
        self._first_rows: list[int] = []
        self._stops: list[int] = []
        self._cursor = -1
        self._wrapped_to = 0

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is shown."""
        return self._lines

    @property
    def cursor_line(self) -> Line | None:
        """The line under the cursor."""
        return self._lines[self._cursor] if 0 <= self._cursor < len(self._lines) else None

    def reveal(self, show_secrets: bool) -> None:
        """Show what looks like secrets, or not any more. A document without metadata has nothing to do."""

    def make_lines(self) -> Sequence[Line]:
        """The document, folded as `folds` say. For each kind of document to answer."""
        raise NotImplementedError

    def rebuild(self, *, anew: bool = False) -> None:
        """Make the lines again; `anew` when they are about something else than before."""
        if anew:
            self.folds = NO_FOLDS
        self._show_lines(self.make_lines(), anew=anew)

    def _set_fold(self, fold: str, to_open: bool) -> None:
        self.folds = self.folds.set(fold, to_open=to_open)
        self.rebuild()

    def _show_lines(self, lines: Sequence[Line], *, anew: bool) -> None:
        """Show these lines; cursor and scroll stay, unless they are of something else than before."""
        lines = tuple(lines)
        if lines == self._lines and not anew:
            return
        held = self.cursor_line
        at = self._row_of(self._cursor) - self.scroll_offset.y if held is not None else None
        self._lines = lines
        self._stops = [number for number, line in enumerate(lines) if line.key]
        self._cursor = -1
        if held is not None and not anew:
            self._cursor = next((number for number in self._stops if lines[number].key == held.key), -1)
        if self._cursor < 0 and self._stops:
            self._cursor = self._stops[0]
        self._wrap()
        if anew:
            self.scroll_now(0)
        elif at is not None and 0 <= at < self.size.height and self._is_on(held):
            self.scroll_now(self._row_of(self._cursor) - at)

    def put_cursor(self, key: str) -> None:
        """Put the cursor on the line of that key, where there is one."""
        for number in self._stops:
            if self._lines[number].key == key:
                self._cursor = number
                self._scroll_to_cursor()
                self.redraw()
                return

    # -- keys and mouse --------------------------------------------------------------------------------------

    def action_move(self, by: int) -> None:
        """To the next line that does something, if it is near; else scroll by a row."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        at = self._next_stop(by)
        if at is not None:
            row, last = self._row_of(at), self._row_of(at + 1) - 1
            if top <= row < top + height or top <= last < top + height:
                self._put(at)
                return
        self.scroll_now(top + by)

    def action_page(self, by: int) -> None:
        """Move by so many pages."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        self.scroll_now(top + by * max(1, height - 1))
        self._take_along()

    def action_first(self) -> None:
        """To the top."""
        self.scroll_now(0)
        if self._stops:
            self._cursor = self._stops[0]
        self.redraw()

    def action_last(self) -> None:
        """To the end."""
        self.scroll_now(len(self._rows))
        if self._stops:
            self._cursor = self._stops[-1]
        self.redraw()

    def action_act(self) -> None:
        """Go where the line leads, or open or close its block."""
        line = self.cursor_line
        if line is None:
            return
        if line.fold:
            self._set_fold(line.fold, not line.is_open)
        elif line.task is not None:
            self.post_message(self.TaskChosen(line.task))

    def action_fold(self, to_open: bool) -> None:
        """Open or close the block of the line."""
        line = self.cursor_line
        if line is None:
            return
        if line.fold and line.is_open is not to_open:
            self._set_fold(line.fold, to_open)
        elif to_open and line.task is not None:
            self.post_message(self.TaskChosen(line.task))
        elif not to_open:
            self._to_outer()

    def on_click(self, event: events.Click) -> None:
        """Choose the line that was hit, and do what it does."""
        row = self.scroll_offset.y + event.y
        if not 0 <= row < len(self._rows):
            return
        number = self._rows[row][0]
        if self._lines[number].key:
            self._put(number)
            self.action_act()

    # -- drawing ---------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        width, row = self.size.width, self.scroll_offset.y + y
        if row >= len(self._rows):
            return Strip.blank(width, self.style_of(""))
        number, spans = self._rows[row]
        # Without the focus there is nothing to choose here, and text reads better without a bar in it.
        under = "cursor" if self.has_focus and number == self._cursor else ""
        first = row == 0 or self._rows[row - 1][0] != number
        pointer = self._glyphs.cursor if under and first else " "
        segments = [Segment(pointer, self.style_of(under, "pointer")), Segment(" ", self.style_of(under))]
        segments += [Segment(span.text, self.style_of(under, span.tone)) for span in spans]
        return Strip(segments).adjust_cell_length(width, self.style_of(under))

    def on_resize(self) -> None:
        """Wrap anew."""
        if self.size.width != self._wrapped_to:
            self._wrap()

    def watch_has_focus(self, value: bool) -> None:
        """The cursor looks different without the focus."""
        super().watch_has_focus(value)
        self.redraw()

    # -- inside ----------------------------------------------------------------------------------------------

    def _wrap(self) -> None:
        self._wrapped_to = self.size.width
        room = max(1, self.size.width - _GUTTER - _MARGIN)
        self._rows = []
        self._first_rows = []
        # Without any room, as before it is first seen, there is nothing to wrap to.
        for number, line in enumerate(self._lines if self._wrapped_to else ()):
            self._first_rows.append(len(self._rows))
            self._rows += [(number, spans) for spans in wrap(line.spans, room, line.hang, cell_len)]
        self.virtual_size = Size(self.size.width, len(self._rows))
        self.redraw()

    def _is_on(self, line: Line | None) -> bool:
        return line is not None and self.cursor_line is not None and self.cursor_line.key == line.key

    def _row_of(self, number: int) -> int:
        """The first row of a line; behind the last line, how many rows there are."""
        if number < 0:
            return 0
        return self._first_rows[number] if number < len(self._first_rows) else len(self._rows)

    def _next_stop(self, by: int) -> int | None:
        """The next line that does something, from the cursor on, or from what is visible if that lies elsewhere."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        cursor = self._row_of(self._cursor)
        if self._cursor >= 0 and top <= cursor < top + height:
            at = bisect_left(self._stops, self._cursor) + by
        else:
            edge = self._rows[min(top if by > 0 else top + height - 1, len(self._rows) - 1)][0] if self._rows else 0
            at = bisect_left(self._stops, edge)
            at = at if by > 0 else at - (at >= len(self._stops) or self._stops[at] > edge)
        return self._stops[at] if 0 <= at < len(self._stops) else None

    def _put(self, number: int) -> None:
        self._cursor = number
        self._scroll_to_cursor()
        self.redraw()

    def _scroll_to_cursor(self) -> None:
        top, height = self.scroll_offset.y, self.size.height
        row = self._row_of(self._cursor)
        if row < top:
            self.scroll_now(row)
        elif height and row >= top + height:
            self.scroll_now(row - height + 1)

    def _take_along(self) -> None:
        """After a page the cursor is where one looks, if there is anything to stop at."""
        top, height = self.scroll_offset.y, max(1, self.size.height)
        visible = [number for number in self._stops if top <= self._row_of(number) < top + height]
        if visible and self._cursor not in visible:
            self._cursor = visible[0] if self._cursor < visible[0] else visible[-1]
        self.redraw()

    def _to_outer(self) -> None:
        """To the line that opened the block in which the cursor is: the nearest above that is indented less."""
        here = self._lines[self._cursor].hang
        for number in reversed(self._stops[: bisect_left(self._stops, self._cursor)]):
            if self._lines[number].fold and self._lines[number].hang < here:
                self._put(number)
                return
