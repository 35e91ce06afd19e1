"""The Events tab: what happened, in order, and a line to filter it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import work
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from wftui.present.event_rows import matching
from wftui.present.happenings import happenings_of
from wftui.widgets.event_table import EventTable
from wftui.widgets.graph_search import GraphSearch, SearchInput
from wftui.widgets.searched_tab import SearchedTab
from wftui.widgets.tones import toned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.present.happenings import Happening

# Of so many tasks and more it is worked out in a thread.
_MANY = 2_000
_NONE = "no times of it are known yet"


class EventTab(SearchedTab):
    """The table, and below it how many events there are and whether the newest are followed.

    Args:
        glyphs: The characters to draw with.
    """

    DEFAULT_CSS = """
    EventTab {
        layout: vertical;
        & > #events-count { height: 1; width: 1fr; padding: 0 1 0 2; text-wrap: nowrap; text-overflow: ellipsis; }
    }
    """

    @dataclass
    class WorkedOut(Message):
        """What happened was worked out; it comes from a thread."""

        detail: WorkflowDetail
        rows: tuple[Happening, ...]

    def __init__(self, *, glyphs: Glyphs, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._glyphs = glyphs
        self._wanted: WorkflowDetail | None = None
        self._drawn: WorkflowDetail | None = None
        self._working = False
        self._rows: Sequence[Happening] = ()
        self._filter = ""
        self._now = 0.0

    def compose(self) -> ComposeResult:
        """The table, a count, the line of the filter."""
        yield EventTable(glyphs=self._glyphs)
        yield Static("", id="events-count", markup=False)
        yield GraphSearch()

    def on_mount(self) -> None:
        """Tell what the line is for."""
        self.query_one(SearchInput).placeholder = "show events with these words: failed, a task, audit"

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def ticks(self) -> bool:
        """Whether anything that is seen grows by itself."""
        return False

    @property
    def view(self) -> EventTable:
        """The table."""
        return self.query_one(EventTable)

    @property
    def settled(self) -> bool:
        """Whether all news are drawn."""
        return self._drawn is self._wanted

    def show(self, detail: WorkflowDetail, now: float) -> None:
        """Show what happened to a workflow, seen at `now` (Unix seconds)."""
        self._wanted, self._now = detail, now
        if len(detail.tasks) < _MANY:
            self._take(detail, happenings_of(detail))
        elif not self._working:
            self._working = True
            self._work(detail)

    def tick(self, now: float) -> None:
        """It is later: nothing here grows by itself."""

    def go_to(self, task_id: str) -> None:
        """Put the cursor on the latest event of a task."""
        self.view.go_to(task_id)

    # -- working it out --------------------------------------------------------------------------------------

    # Described: Textual would write the whole workflow out as the description, at each look.
    @work(thread=True, group="events", description="work events out")
    def _work(self, detail: WorkflowDetail) -> None:
        self.post_message(self.WorkedOut(detail, happenings_of(detail)))

    def on_event_tab_worked_out(self, message: WorkedOut) -> None:
        """Take what was worked out, unless another workflow is shown by now; then the next, if there is one."""
        message.stop()
        self._working = False
        wanted = self._wanted
        if wanted is None:
            return
        if message.detail.summary.key == wanted.summary.key:
            self._take(message.detail, message.rows)
        if wanted is not message.detail:
            self.show(wanted, self._now)

    def _take(self, detail: WorkflowDetail, rows: Sequence[Happening]) -> None:
        anew = self._drawn is None or self._drawn.summary.key != detail.summary.key
        self._drawn, self._rows = detail, rows
        self._show(anew=anew)

    # -- messages --------------------------------------------------------------------------------------------

    def on_event_table_highlighted(self, message: EventTable.Highlighted) -> None:
        """The task of the event is the selected one; what happened to the workflow leaves the one before."""
        message.stop()
        self._say()
        if message.task_id is not None:
            self.post_message(self.Selected(self, message.task_id))

    def on_event_table_opened(self, message: EventTable.Opened) -> None:
        """Everything about the task is wanted."""
        message.stop()
        self.post_message(self.Opened(message.task_id))

    def on_event_table_unfiltered(self, message: EventTable.Unfiltered) -> None:
        """Escape in the table."""
        message.stop()
        self.end_search()

    def on_graph_search_typed(self, message: GraphSearch.Typed) -> None:
        """Show what matches, while it is typed."""
        message.stop()
        self._filter = message.text.strip()
        self._show(anew=False)

    def on_search_input_stepped(self, message: SearchInput.Stepped) -> None:
        """Keep the filter and go to the table."""
        message.stop()
        if not self._filter:
            self.end_search()
        self.view.focus()

    # -- inside ----------------------------------------------------------------------------------------------

    def drop_search(self) -> None:
        """Show all events."""
        self._filter = ""
        self._show(anew=False)

    def _show(self, *, anew: bool) -> None:
        rows = matching(self._rows, self._filter)
        self.view.is_filtered = bool(self._filter)
        start = self._rows[0].at if self._rows else 0.0
        remark = "no event has these words" if self._filter and self._rows else _NONE
        self.view.show(rows, start, self._now, anew=anew, remark=remark)
        if self._filter:
            count = f"{len(rows):,} of {len(self._rows):,}"
            self.query_one(GraphSearch).count(count, "muted" if rows else "warning")
        self._say()

    def _say(self) -> None:
        shown, known = len(self.view.rows), len(self._rows)
        parts = [f"{known:,} events" if shown == known else f"{shown:,} of {known:,} events"]
        if self._wanted is not None and self._wanted.as_of is not None:
            parts.append("until the moment looked at")
        elif self._wanted is not None and self._wanted.summary.status.is_active and shown:
            parts.append("following the newest" if self.view.follows else "end: follow the newest")
        content = toned(f"  {self._glyphs.dot}  ".join(parts), "muted") if known else Content("")
        self.query_one("#events-count", Static).update(content, layout=False)
