"""What happened, a line each: virtual, the newest last; follows it while the cursor is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message

from wftui.present.event_rows import event_cell, event_columns
from wftui.present.keys import Place
from wftui.widgets.bindings import bindings
from wftui.widgets.column_lines import ColumnLines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType

    from wftui.present.columns import Column, Placed, Span
    from wftui.present.glyphs import Glyphs
    from wftui.present.happenings import Happening


class EventTable(ColumnLines):
    """Rows below one line of headings. The cursor stays on its row; on the last one it goes along with what is new.

    Args:
        glyphs: The characters to draw with.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.EVENTS)

    @dataclass
    class Highlighted(Message):
        """The cursor is on the event of another task, or of none."""

        task_id: str | None

    @dataclass
    class Opened(Message):
        """The task of an event was chosen."""

        task_id: str

    class Unfiltered(Message):
        """All events are wanted again."""

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(glyphs=glyphs, id=id)
        self._rows: Sequence[Happening] = ()
        self._cursor = -1
        self._start = self._now = 0.0
        self._remark = ""
        self.is_filtered = False

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def rows(self) -> Sequence[Happening]:
        """What is shown, oldest first."""
        return self._rows

    @property
    def cursor_row(self) -> Happening | None:
        """What is under the cursor."""
        return self._rows[self._cursor] if 0 <= self._cursor < len(self._rows) else None

    @property
    def follows(self) -> bool:
        """Whether the cursor goes along with what is new."""
        return self._cursor >= len(self._rows) - 1

    def show(self, rows: Sequence[Happening], start: float, now: float, *, anew: bool, remark: str = "") -> None:
        """Show these rows.

        Args:
            rows: Oldest first.
            start: When the first of all happened, in Unix seconds.
            now: Unix seconds.
            anew: They are of another workflow than before.
            remark: What stands in the place of no rows.
        """
        before, follows = self.cursor_row, self.follows or anew
        line = self._cursor - self.scroll_offset.y
        self._rows, self._start, self._now, self._remark = rows, start, now, remark
        if follows or before is None:
            self._cursor = len(rows) - 1
        elif not (self._cursor < len(rows) and rows[self._cursor] == before):
            self._cursor = next((at for at, row in enumerate(rows) if row == before), min(self._cursor, len(rows) - 1))
        self._place()
        if follows:
            self._scroll_to_cursor()
        else:
            self.scroll_now(self._cursor - line)
        self._tell()

    def go_to(self, task_id: str) -> None:
        """Put the cursor on the latest event of a task, where there is one and the cursor is not there."""
        row = self.cursor_row
        if row is not None and row.task_id == task_id:
            return
        found = next((at for at in range(len(self._rows) - 1, -1, -1) if self._rows[at].task_id == task_id), None)
        if found is not None:
            self._move(found)

    # -- keys and mouse --------------------------------------------------------------------------------------

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """Escape is for the filter only while there is one."""
        return action != "whole" or self.is_filtered

    def action_whole(self) -> None:
        """All events again."""
        self.post_message(self.Unfiltered())

    def action_open(self) -> None:
        """Open the task of the event."""
        row = self.cursor_row
        if row is not None and row.task_id is not None:
            self.post_message(self.Opened(row.task_id))

    # -- inside ----------------------------------------------------------------------------------------------

    def _columns(self) -> Sequence[Column]:
        return event_columns(self._rows)

    def _spans(self, index: int, place: Placed) -> Sequence[Span]:
        return event_cell(place, self._rows[index], self._start, self._now, self._glyphs)

    def _nothing(self) -> str:
        return self._remark

    def _count(self) -> int:
        return len(self._rows)

    def _move(self, index: int) -> None:
        self._cursor = max(0, min(index, len(self._rows) - 1)) if self._rows else -1
        self._scroll_to_cursor()
        self.redraw()
        self._tell()

    def _tell(self) -> None:
        row = self.cursor_row
        self.post_message(self.Highlighted(row.task_id if row is not None else None))
