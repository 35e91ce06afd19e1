"""The details of the selected workflow, in tabs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from wftui.model.status import Status
from wftui.present.keys import Place
from wftui.present.tasks import TaskIndex, index_of
from wftui.widgets.bindings import bindings
from wftui.widgets.detail_bar import TABS, DetailBar
from wftui.widgets.detail_note import DetailNote
from wftui.widgets.error_view import ErrorView
from wftui.widgets.metadata_tree import MetadataTree
from wftui.widgets.task_pane import TaskPane
from wftui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.timer import Timer

    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.detail_document import DetailDocument

# With so much room the task pane stands beside or below the table, else in its place.
_BESIDE_WIDTH = 130
_BELOW_HEIGHT = 26


class _Room(Enum):
    """How the table and the pane of the Tasks tab share the room; the value is the class that lays them out."""

    ONE = "-one"
    BELOW = "-below"
    BESIDE = "-beside"


class DetailTabs(Widget):
    """Graph, Tasks, Metadata, Error of one workflow.

    Tab, cursors, folds and scroll stay through all updates of the same workflow; the tab also stays from one
    workflow to the next. Only the tab that is seen is worked out.

    Args:
        clock: For durations that grow; looked at once a second, only while something visible runs.
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

    BINDINGS: ClassVar[list[BindingType]] = bindings(Place.DETAIL)
    DEFAULT_CSS = """
    DetailTabs {
        height: 1fr;
        width: 1fr;
        layout: vertical;
        & > #detail-body { height: 1fr; width: 1fr; }
        & .detail-tab { display: none; height: 1fr; width: 1fr; }
        & .detail-tab.-active { display: block; }
        & DetailNote { display: none; }
        &.-noted DetailNote { display: block; }
        &.-noted #detail-body { display: none; }
        & #detail-tasks { layout: vertical; }
        & #detail-tasks.-one TaskPane { display: none; }
        & #detail-tasks.-one.-open TaskPane { display: block; }
        & #detail-tasks.-one.-open TaskTable { display: none; }
        & #detail-tasks.-below TaskTable { height: 2fr; }
        & #detail-tasks.-below TaskPane { height: 3fr; border-top: solid $border; }
        & #detail-tasks.-beside { layout: horizontal; }
        & #detail-tasks.-beside TaskTable { width: 5fr; }
        & #detail-tasks.-beside TaskPane { width: 4fr; border-left: solid $border; }
    }
    """

    @dataclass
    class TabShown(Message):
        """Another tab is seen."""

        tab: str

    @dataclass
    class TaskSelected(Message):
        """Another task is selected; None when there is none."""

        task_id: str | None

    def __init__(self, *, clock: Clock, glyphs: Glyphs, show_secrets: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._glyphs = glyphs
        self._show_secrets = show_secrets
        self._tab = "tasks"
        self._detail: WorkflowDetail | None = None
        self._index = TaskIndex()
        self._fresh: dict[str, WorkflowKey] = {}
        self._stale: set[str] = set()
        self._room = _Room.ONE
        self._pane_open = False
        self._before: list[str] = []
        self._timer: Timer | None = None
        self._frozen_at: float | None = None

    def compose(self) -> ComposeResult:
        """The names of the tabs, and the tabs."""
        yield DetailBar()
        yield DetailNote()
        with Container(id="detail-body"):
            with Container(id="detail-tasks", classes="detail-tab"):
                yield TaskTable(glyphs=self._glyphs)
                yield TaskPane(glyphs=self._glyphs, show_secrets=self._show_secrets)
            yield MetadataTree(glyphs=self._glyphs, show_secrets=self._show_secrets, id="detail-metadata")
            yield ErrorView(glyphs=self._glyphs, id="detail-error")

    def on_mount(self) -> None:
        """Show the first tab, be ready to tick."""
        for tab in ("metadata", "error"):
            self.query_one(f"#detail-{tab}").add_class("detail-tab")
        self._timer = self.set_interval(1.0, self._tick, pause=True)
        self._arrange()
        self._show_tab()

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def tab(self) -> str:
        """The tab that is seen: graph, tasks, metadata or error."""
        return self._tab

    @property
    def detail(self) -> WorkflowDetail | None:
        """The workflow shown; None while a note stands in its place."""
        return None if self.has_class("-noted") else self._detail

    def show(self, detail: WorkflowDetail | None, *, state: str = "", now: float | None = None) -> None:
        """Show a workflow.

        Args:
            detail: The whole of it; None when there is nothing to show.
            state: Then why, as "loading…" or "could not be read: …". Foreign text is welcome.
            now: Unix seconds; the clock's if not given.
        """
        now = self._time() if now is None else now
        self.set_class(detail is None, "-noted")
        if detail is None:
            self.query_one(DetailNote).show(state)
            self.query_one(DetailBar).show(self._tab, {})
            self._tick_if_needed()
            return
        if self._detail is None or detail.summary.key != self._detail.summary.key:
            self._pane_open = False
            self._before.clear()
        self._detail = detail
        self._index = index_of(detail)
        self._stale = set(TABS)
        self._arrange()
        self._fill(now)

    def go_to(self, tab: str, *, focus: bool = True) -> None:
        """Show a tab: graph, tasks, metadata or error."""
        if tab not in TABS:
            raise ValueError(f"no tab {tab!r}")
        changed, self._tab = tab != self._tab, tab
        self._show_tab()
        self._fill(self._time())
        if focus:
            self.call_after_refresh(self.focus_tab)
        if changed:
            self.post_message(self.TabShown(tab))

    def focus_tab(self) -> None:
        """Give the focus to what is seen."""
        target = self._focusable()
        if target is not None:
            target.focus()

    def open_task(self, task_id: str) -> None:
        """Show everything about a task, in the Tasks tab."""
        if task_id not in self._index.tasks:
            return
        self.go_to("tasks", focus=False)
        pane = self.query_one(TaskPane)
        if self._pane_open and pane.task_id not in (None, task_id):
            self._before.append(str(pane.task_id))
        self._pane_open = True
        self.query_one(TaskTable).go_to(task_id)
        self._arrange()
        self._fill_pane(task_id, self._time())
        self.call_after_refresh(pane.focus)

    def freeze(self, at: float | None) -> None:
        """Let nothing grow beyond that moment (Unix seconds), because nobody tells any more; None: go on."""
        if at != self._frozen_at:
            self._frozen_at = at
            self.tick(self._time())
            self._tick_if_needed()

    def tick(self, now: float) -> None:
        """It is later: durations that grow are drawn again."""
        self.query_one(TaskTable).tick(now)
        self.query_one(TaskPane).tick(now)

    # -- keys and messages -----------------------------------------------------------------------------------

    def check_action(self, action: str, _parameters: tuple[object, ...]) -> bool | None:
        """A task can be closed while it is open, and gone back from when there is a way back."""
        if action == "close_task":
            return self._tab == "tasks" and self._pane_open
        if action == "back_task":
            return self._tab == "tasks" and self._pane_open and bool(self._before)
        return True

    def action_close_task(self) -> None:
        """Back to the table."""
        self._pane_open = False
        self._before.clear()
        self._arrange()
        self.call_after_refresh(self.query_one(TaskTable).focus)

    def action_back_task(self) -> None:
        """Back along the jumps."""
        task_id = self._before.pop()
        self.query_one(TaskTable).go_to(task_id)
        self._fill_pane(task_id, self._time())

    def on_detail_bar_chosen(self, message: DetailBar.Chosen) -> None:
        """A tab was clicked."""
        message.stop()
        self.go_to(message.tab)

    def on_task_table_highlighted(self, message: TaskTable.Highlighted) -> None:
        """The pane follows the cursor where there is room for it."""
        message.stop()
        if self._room is not _Room.ONE:
            self._fill_pane(message.task_id, self._time())
        self.post_message(self.TaskSelected(message.task_id))

    def on_task_table_opened(self, message: TaskTable.Opened) -> None:
        """A row was chosen."""
        message.stop()
        self.open_task(message.task_id)

    def on_detail_document_task_chosen(self, message: DetailDocument.TaskChosen) -> None:
        """A link was followed."""
        message.stop()
        self.open_task(message.task_id)

    def on_resize(self, event: events.Resize) -> None:
        """Share the room."""
        roomy = _Room.BELOW if event.size.height >= _BELOW_HEIGHT else _Room.ONE
        room = _Room.BESIDE if event.size.width >= _BESIDE_WIDTH else roomy
        if room is not self._room:
            self._room = room
            self._stale.add("tasks")
        self._arrange()
        self._fill(self._time())

    # -- inside ----------------------------------------------------------------------------------------------

    def _show_tab(self) -> None:
        for tab in TABS:
            for part in self.query(f"#detail-{tab}"):
                part.set_class(tab == self._tab, "-active")
        self._show_bar()

    def _arrange(self) -> None:
        tasks = self.query_one("#detail-tasks")
        for room in _Room:
            tasks.set_class(room is self._room, room.value)
        tasks.set_class(self._pane_open, "-open")
        self.refresh_bindings()

    def _fill(self, now: float) -> None:
        """Work out the tab that is seen, if there is news for it."""
        detail = self._detail
        if detail is None:
            return
        if self._tab in self._stale:
            self._stale.discard(self._tab)
            key = detail.summary.key
            anew = self._fresh.get(self._tab) != key
            self._fresh[self._tab] = key
            if self._tab == "tasks":
                self._fill_tasks(now, anew=anew)
            elif self._tab == "metadata":
                self.query_one(MetadataTree).show(detail, anew=anew)
            elif self._tab == "error":
                self.query_one(ErrorView).show(detail, now, anew=anew)
        self._show_bar()
        self._tick_if_needed()

    def _fill_tasks(self, now: float, *, anew: bool) -> None:
        table, pane = self.query_one(TaskTable), self.query_one(TaskPane)
        table.show(self._index, now, anew=anew)
        shown = pane.task_id if not anew and pane.task_id in self._index.tasks else None
        if self._room is not _Room.ONE and not self._pane_open and table.cursor_task is not None:
            shown = table.cursor_task.id
        if self._pane_open and shown is None:
            self.action_close_task()  # the task that was open is gone
        self._fill_pane(shown, now, anew=anew)

    def _fill_pane(self, task_id: str | None, now: float, *, anew: bool = False) -> None:
        self.query_one(TaskPane).show(self._index, task_id, now, anew=anew)
        self._tick_if_needed()

    def _focusable(self) -> Widget | None:
        if self.has_class("-noted"):
            return None
        if self._tab == "tasks":
            return self.query_one(TaskPane) if self._pane_open else self.query_one(TaskTable)
        return next(iter(self.query(f"#detail-{self._tab}")), None)

    def _show_bar(self) -> None:
        detail = self._detail
        remarks: dict[str, tuple[str, str]] = {}
        if detail is not None and not self.has_class("-noted"):
            shown = len(detail.tasks)
            count = f"{shown:,}" if detail.truncated is None else f"{shown:,} of {detail.truncated[1]:,}"
            remarks["tasks"] = (count, "muted" if detail.truncated is None else "warning")
            if detail.summary.user_metadata:
                remarks["metadata"] = (f"{len(detail.summary.user_metadata):,}", "muted")
            if detail.summary.status is Status.FAILED or detail.summary.error is not None:
                remarks["error"] = (self._glyphs.status[Status.FAILED], "failed")
            elif detail.problems:
                remarks["error"] = (f"{len(detail.problems):,} unread", "warning")
        self.query_one(DetailBar).show(self._tab, remarks)

    def _tick_if_needed(self) -> None:
        if self._timer is None:
            return
        seen = self._tab == "tasks" and self.detail is not None and self._frozen_at is None
        runs = seen and (self.query_one(TaskTable).ticks or self.query_one(TaskPane).ticks)
        (self._timer.resume if runs else self._timer.pause)()

    def _time(self) -> float:
        return self._clock.time() if self._frozen_at is None else self._frozen_at

    def _tick(self) -> None:
        self.tick(self._time())
