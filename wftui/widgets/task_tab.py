"""The Tasks tab: the table of tasks, and everything about one of them beside, below or instead of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual.message import Message
from textual.widget import Widget

from wftui.present.keys import Place
from wftui.present.task_index import TaskIndex
from wftui.widgets.bindings import bindings
from wftui.widgets.task_pane import TaskPane
from wftui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from wftui.present.glyphs import Glyphs
    from wftui.widgets.detail_document import DetailDocument

# With so much room the pane stands beside or below the table, else in its place.
_BESIDE_WIDTH = 130
_BELOW_HEIGHT = 25


class _Room(Enum):
    """How the table and the pane share the room; the value is the class that lays them out."""

    ONE = "-one"
    BELOW = "-below"
    BESIDE = "-beside"


class TaskTab(Widget):
    """Where there is room the pane follows the cursor of the table; else a task opens in the table's place.

    Args:
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.DETAIL)
    DEFAULT_CSS = """
    TaskTab {
        layout: vertical;
        &.-one TaskPane { display: none; }
        &.-one.-open TaskPane { display: block; }
        &.-one.-open TaskTable { display: none; }
        &.-below TaskTable { height: 2fr; }
        &.-below TaskPane { height: 3fr; border-top: solid $border; }
        &.-beside { layout: horizontal; }
        &.-beside TaskTable { width: 5fr; }
        &.-beside TaskPane { width: 4fr; border-left: solid $border; }
    }
    """

    @dataclass
    class Selected(Message):
        """Another task is selected; None when there is none."""

        task_id: str | None

    def __init__(self, *, glyphs: Glyphs, show_secrets: bool, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._glyphs = glyphs
        self._show_secrets = show_secrets
        self._index = TaskIndex()
        self._now = 0.0
        self._room = _Room.ONE
        self._is_open = False
        self._before: list[str] = []

    def compose(self) -> ComposeResult:
        """The table and the pane."""
        yield TaskTable(glyphs=self._glyphs)
        yield TaskPane(glyphs=self._glyphs, show_secrets=self._show_secrets)

    def on_mount(self) -> None:
        """Start with the table."""
        self._arrange()

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def ticks(self) -> bool:
        """Whether something that is seen grows by itself."""
        return self.query_one(TaskTable).ticks or self.query_one(TaskPane).ticks

    def show(self, index: TaskIndex, now: float, *, anew: bool) -> None:
        """Show these tasks; `anew` when they are of another workflow than before."""
        self._index, self._now = index, now
        if anew:
            self._close()
        table, pane = self.query_one(TaskTable), self.query_one(TaskPane)
        table.show(index, now, anew=anew)
        shown = pane.task_id if not anew and pane.task_id in index.tasks else None
        if self._room is not _Room.ONE and not self._is_open and table.cursor_task is not None:
            shown = table.cursor_task.id
        if self._is_open and shown is None:  # the task that was open is gone
            had_focus = pane.has_focus
            self._close()
            if had_focus:
                self.call_after_refresh(table.focus)
        pane.show(index, shown, now, anew=anew)

    def tick(self, now: float) -> None:
        """It is later."""
        self._now = now
        self.query_one(TaskTable).tick(now)
        self.query_one(TaskPane).tick(now)

    def select(self, task_id: str) -> None:
        """Put the cursor on a task, if it is there."""
        if not self._is_open:
            self.query_one(TaskTable).go_to(task_id)

    def open_task(self, task_id: str) -> None:
        """Show everything about a task, and go there."""
        pane = self.query_one(TaskPane)
        if self._is_open and pane.task_id not in (None, task_id):
            self._before.append(str(pane.task_id))
        self._is_open = True
        self.query_one(TaskTable).go_to(task_id)
        pane.show(self._index, task_id, self._now)
        self._arrange()
        self.call_after_refresh(pane.focus)

    def focus_part(self) -> None:
        """Give the focus to the task that is open, or else to the table."""
        (self.query_one(TaskPane) if self._is_open else self.query_one(TaskTable)).focus()

    # -- keys and messages -----------------------------------------------------------------------------------

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """A task can be closed while it is open, and gone back from when there is a way back."""
        if action == "close_task":
            return self._is_open
        if action == "back_task":
            return self._is_open and bool(self._before)
        return True

    def action_close_task(self) -> None:
        """Back to the table."""
        self._close()
        self.call_after_refresh(self.query_one(TaskTable).focus)

    def action_back_task(self) -> None:
        """Back along the jumps."""
        task_id = self._before.pop()
        self.query_one(TaskTable).go_to(task_id)
        self.query_one(TaskPane).show(self._index, task_id, self._now)
        self.refresh_bindings()

    def on_task_table_highlighted(self, message: TaskTable.Highlighted) -> None:
        """The pane follows the cursor where there is room for it."""
        message.stop()
        pane = self.query_one(TaskPane)
        if self._room is not _Room.ONE and message.task_id != pane.task_id:
            pane.show(self._index, message.task_id, self._now)
        self.post_message(self.Selected(message.task_id))

    def on_task_table_opened(self, message: TaskTable.Opened) -> None:
        """A row was chosen."""
        message.stop()
        self.open_task(message.task_id)

    def on_detail_document_task_chosen(self, message: DetailDocument.TaskChosen) -> None:
        """A link was followed."""
        message.stop()
        self.open_task(message.task_id)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Where both are seen, whoever comes to the pane by tab or mouse has opened its task."""
        self._is_open = event.widget is self.query_one(TaskPane)
        self._arrange()

    def on_resize(self, event: events.Resize) -> None:
        """Share the room."""
        roomy = _Room.BELOW if event.size.height >= _BELOW_HEIGHT else _Room.ONE
        room = _Room.BESIDE if event.size.width >= _BESIDE_WIDTH else roomy
        if room is not self._room:
            self._room = room
            self._arrange()
            self.show(self._index, self._now, anew=False)

    # -- inside ----------------------------------------------------------------------------------------------

    def _close(self) -> None:
        self._is_open = False
        self._before.clear()
        self._arrange()

    def _arrange(self) -> None:
        before = self.classes
        for room in _Room:
            self.set_class(room is self._room, room.value, update=False)
        self.set_class(self._is_open, "-open", update=False)
        if self.classes != before:
            self.update_node_styles()
        self.refresh_bindings()
