"""The tasks of a workflow: a virtual table that draws only the lines on screen, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from wftui.present.columns import GAP
from wftui.present.keys import Place
from wftui.present.order import Sort
from wftui.present.task_cells import task_cell, task_columns
from wftui.present.task_index import TaskIndex
from wftui.present.task_rows import BIGGEST_FIRST, SORTS, task_rows
from wftui.widgets.bindings import binding_of, bindings
from wftui.widgets.column_lines import ColumnLines
from wftui.widgets.cursor_lines import GUTTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.binding import BindingType

    from wftui.model.task import Task
    from wftui.present.columns import Column, Placed, Span
    from wftui.present.glyphs import Glyphs
    from wftui.present.task_rows import TaskRow


class TaskTable(ColumnLines):
    """Rows of tasks below one line of headings; the cursor is a task, not a line.

    Args:
        glyphs: The characters to draw with.
    """

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.TASKS), binding_of("main.sort")]

    @dataclass
    class Highlighted(Message):
        """The cursor is on another task. None in an empty table."""

        task_id: str | None

    @dataclass
    class Opened(Message):
        """A task was chosen."""

        task_id: str

    @dataclass
    class Visible(Message):
        """Other tasks are on screen. Empty where the table is not shown."""

        task_ids: tuple[str, ...]

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._index = TaskIndex()
        self._sort = Sort()
        self._rows: tuple[TaskRow, ...] = ()
        self._places: dict[str, int] = {}
        self._placed: tuple[Placed, ...] = ()
        self._visible: tuple[str, ...] | None = None
        self._cursor = 0
        self._key: str | None = None
        self._touched = False
        self._ticks = False
        self._now = 0.0

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def sort(self) -> Sort:
        """The order."""
        return self._sort

    @property
    def rows(self) -> tuple[TaskRow, ...]:
        """All rows, in order."""
        return self._rows

    @property
    def cursor_task(self) -> Task | None:
        """The task under the cursor."""
        return self._rows[self._cursor].task if self._rows else None

    @property
    def ticks(self) -> bool:
        """Whether a row grows by itself, on screen or not."""
        return self._ticks

    def show(self, index: TaskIndex, now: float, *, anew: bool) -> None:
        """Show these tasks; `anew` when they are of another workflow than before."""
        if anew:
            self._key, self._cursor, self._touched = None, 0, False
            self.scroll_now(0)
        self._now = now
        line = self._cursor - self.scroll_offset.y
        self._index = index
        self._arrange()
        # Before anybody moved it the cursor stays on top, where what failed arrives.
        if self._touched:
            self.scroll_now(self._cursor - line)

    def tick(self, now: float) -> None:
        """It is later."""
        self._now = now
        top = self.scroll_offset.y
        if any(row.ticks for row in self._rows[top : top + self.size.height]):
            self.redraw()

    def go_to(self, task_id: str) -> bool:
        """Put the cursor on a task; False when there is none of that id."""
        place = self._places.get(task_id)
        if place is None:
            return False
        self._move(place)
        return True

    def sort_by(self, sort: Sort) -> None:
        """Take another order; the cursor stays on its task."""
        self._sort = sort
        self._arrange()
        self._scroll_to_cursor()

    # -- keys and mouse --------------------------------------------------------------------------------------

    def action_sort(self) -> None:
        """Sort by the next column."""
        at = SORTS.index(self._sort.column) if self._sort.column in SORTS else -1
        column = SORTS[(at + 1) % len(SORTS)]
        self.sort_by(Sort(column, column in BIGGEST_FIRST))

    def action_open(self) -> None:
        """Open the task under the cursor."""
        if self.cursor_task is not None:
            self._touched = True
            self.post_message(self.Opened(self.cursor_task.id))

    def on_click(self, event: events.Click) -> None:
        """Sort by a heading; rows are for the lines with a cursor, which Textual asks next."""
        if event.y < self.HEADINGS:
            self._sort_at(event.x)

    def _sort_at(self, x: int) -> None:
        left = GUTTER
        for place in self._placed:
            column = place.column.id
            if left <= x < left + place.width and column in SORTS:
                same = self._sort.column == column
                self.sort_by(Sort(column, not self._sort.descending if same else column in BIGGEST_FIRST))
                return
            left += place.width + GAP

    # -- inside ----------------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._rows = task_rows(self._index, self._sort)
        self._ticks = any(row.ticks for row in self._rows)
        self._places = {row.task.id: at for at, row in enumerate(self._rows)}
        if self._touched and self._key is not None:
            self._cursor = self._places.get(self._key, self._cursor)
        self._cursor = max(0, min(self._cursor, len(self._rows) - 1))
        self._place()
        self._tell()

    def _place(self) -> None:
        super()._place()
        self._tell_visible()

    def _columns(self) -> Sequence[Column]:
        return task_columns(self._rows, self._index.timings)

    def _spans(self, index: int, place: Placed) -> Sequence[Span]:
        return task_cell(place, self._rows[index], self._index, self._now, self._glyphs)

    def _heading(self, place: Placed) -> tuple[str, str]:
        """With an arrow where the rows are sorted by it."""
        title = place.column.title
        if place.column.id != self._sort.column:
            return title[: place.width], "muted"
        arrow = f" {self._glyphs.down if self._sort.descending else self._glyphs.up}"
        if len(title) + len(arrow) > place.width:
            arrow = arrow.strip()
            title = title[: place.width - len(arrow)]
        return title + arrow, "strong"

    def _nothing(self) -> str:
        return "no task is recorded"

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other tasks come into view."""
        super().watch_scroll_y(old_value, new_value)
        self._tell_visible()

    def _tell_visible(self) -> None:
        top = self.scroll_offset.y
        rows = self._rows[top : top + max(0, self.size.height - self.HEADINGS)]
        visible = tuple(row.task.id for row in rows)
        if visible != self._visible:
            self._visible = visible
            self.post_message(self.Visible(visible))

    def _count(self) -> int:
        return len(self._rows)

    def _move(self, index: int) -> None:
        self._touched = True
        self._cursor = max(0, min(index, len(self._rows) - 1))
        self._scroll_to_cursor()
        self.redraw()
        self._tell()

    def _tell(self) -> None:
        task_id = self.cursor_task.id if self.cursor_task else None
        if task_id != self._key:
            self._key = task_id
            self.post_message(self.Highlighted(task_id))
