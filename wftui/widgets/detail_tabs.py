"""The details of the selected workflow, in tabs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from textual.containers import Container
from textual.message import Message
from textual.widget import Widget

from wftui.model.status import Status
from wftui.present.errors import failures
from wftui.present.tasks import TaskIndex, index_of
from wftui.widgets.detail_bar import TABS, DetailBar
from wftui.widgets.detail_note import DetailNote

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.timer import Timer

    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.detail_document import DetailDocument
    from wftui.widgets.error_view import ErrorView
    from wftui.widgets.graph_tab import GraphTab
    from wftui.widgets.graph_view import GraphView
    from wftui.widgets.metadata_tree import MetadataTree
    from wftui.widgets.task_tab import TaskTab

# The tabs are made so many seconds after the start, or when there is something to show in them: importing and styling
# them takes about as long as all else that the first rows of the list wait for.
LATER = 1.5


class _Parts(NamedTuple):
    """The tabs, in the order of their names."""

    graph: GraphTab
    tasks: TaskTab
    metadata: MetadataTree
    error: ErrorView


class DetailTabs(Widget):
    """Graph, Tasks, Metadata, Error of one workflow.

    Tab, cursors, folds and scroll stay through all updates of the same workflow; the tab also stays from one
    workflow to the next. Only the tab that is seen is worked out.

    Args:
        clock: For durations that grow; looked at once a second, only while something visible runs.
        glyphs: The characters to draw with.
        show_secrets: Show values that look like secrets.
    """

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
    }
    """

    @dataclass
    class TabShown(Message):
        """Another tab is seen."""

        tab: str

    @dataclass
    class TaskSelected(Message):
        """Another task is selected, in the graph or in the table; None when there is none."""

        task_id: str | None

    def __init__(self, *, clock: Clock, glyphs: Glyphs, show_secrets: bool = False, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._clock = clock
        self._glyphs = glyphs
        self._show_secrets = show_secrets
        self._tab = TABS[0]
        self._detail: WorkflowDetail | None = None
        self._index = TaskIndex()
        # The workflow that each tab shows, and the tabs that have not seen the latest of it.
        self._shown: dict[str, WorkflowKey] = {}
        self._stale: set[str] = set()
        self._failed = 0
        self._selected: str | None = None
        self._timer: Timer | None = None
        self._frozen: dict[str, float] = {}
        self._parts: _Parts | None = None
        self._is_making = False
        self._wants_focus = False
        self._wanted_task: str | None = None

    def compose(self) -> ComposeResult:
        """The names of the tabs, and room for the tabs, which come later."""
        yield DetailBar()
        yield DetailNote()
        yield Container(id="detail-body")

    def on_mount(self) -> None:
        """Be ready to tick."""
        self._timer = self.set_interval(1.0, self._tick, pause=True)
        self._show_bar()
        self.set_timer(LATER, self._make)

    def _make(self) -> None:
        """Make the tabs, if nobody does so already."""
        if not self._is_making:
            self._is_making = True
            self.run_worker(self._make_parts(), group="parts")

    async def _make_parts(self) -> None:
        await asyncio.to_thread(_import_parts)  # keys are answered meanwhile
        from wftui.widgets.error_view import ErrorView
        from wftui.widgets.graph_tab import GraphTab
        from wftui.widgets.metadata_tree import MetadataTree
        from wftui.widgets.task_tab import TaskTab

        glyphs, secrets = self._glyphs, self._show_secrets
        parts = _Parts(
            GraphTab(glyphs=glyphs, show_secrets=secrets, id="detail-graph"),
            TaskTab(glyphs=glyphs, show_secrets=secrets, id="detail-tasks"),
            MetadataTree(glyphs=glyphs, show_secrets=secrets, id="detail-metadata"),
            ErrorView(glyphs=glyphs, id="detail-error"),
        )
        for tab, part in zip(TABS, parts, strict=True):
            part.add_class("detail-tab")
            part.set_class(tab == self._tab, "-active")
        await self.query_one("#detail-body").mount(*parts)
        self._parts = parts
        if self._show_secrets is not secrets:  # the key came meanwhile
            self.reveal(self._show_secrets)
        self._show_tab()
        self._fill(self._time())
        if self._wanted_task is not None:
            self.open_task(self._wanted_task)
        if self._wants_focus:
            self.call_after_refresh(self.focus_tab)

    # -- what others read and change -------------------------------------------------------------------------

    @property
    def tab(self) -> str:
        """The tab that is seen: graph, tasks, metadata or error."""
        return self._tab

    @property
    def detail(self) -> WorkflowDetail | None:
        """The workflow shown; None while a note stands in its place."""
        return None if self.has_class("-noted") else self._detail

    @property
    def selected_task(self) -> str | None:
        """The id of the task that is selected where tasks are seen; None when there is none."""
        return self._selected if self.detail is not None and self._tab not in ("metadata", "error") else None

    @property
    def settled(self) -> bool:
        """Whether all that is known is on screen: no layout of a graph is awaited."""
        if self.detail is None:
            return True
        return self._parts is not None and (self._tab != "graph" or self._parts.graph.settled)

    @property
    def can_search(self) -> bool:
        """Whether a slash searches the graph."""
        return self._tab == "graph" and self._parts is not None and self._parts.graph.can_search

    @property
    def is_searching(self) -> bool:
        """Whether somebody types what to search the graph for."""
        return self._tab == "graph" and self._parts is not None and self._parts.graph.is_searching

    def search(self) -> None:
        """Search the graph; only where `can_search`."""
        if self._parts is not None:
            self._parts.graph.search()

    def show(self, detail: WorkflowDetail | None, *, state: str = "", now: float | None = None) -> None:
        """Show a workflow.

        Args:
            detail: The whole of it; None when there is nothing to show.
            state: Then why, as "loading…" or "could not be read: …". Foreign text is welcome.
            now: Unix seconds; the clock's if not given.
        """
        self.set_class(detail is None, "-noted")
        if detail is None:
            self.query_one(DetailNote).show(state)
            self.query_one(DetailBar).show(self._tab, {})
            self._tick_if_needed()
            return
        if self._detail is None or detail.summary.key != self._detail.summary.key:
            self._selected = None
        self._detail = detail
        self._index = index_of(detail, self._index)
        self._failed = failures(detail)
        self._stale = set(TABS)
        self._make()
        self._fill(self._time() if now is None else now)

    def reveal(self, show_secrets: bool) -> None:
        """Show what looks like secrets, or not any more."""
        self._show_secrets = show_secrets
        if self._parts is not None:
            from wftui.widgets.detail_document import DetailDocument

            for document in self.query(DetailDocument):
                document.reveal(show_secrets)

    def go_to(self, tab: str, *, focus: bool = True) -> None:
        """Show a tab: graph, tasks, metadata or error. The selected task is the same in the graph and the table."""
        if tab not in TABS:
            raise ValueError(f"no tab {tab!r}")
        changed, self._tab = tab != self._tab, tab
        selected = self._selected
        self._show_tab()
        self._fill(self._time())
        if changed and selected is not None:
            self._select(selected)
        if focus:
            self.call_after_refresh(self.focus_tab)
        if changed:
            self.post_message(self.TabShown(tab))

    def focus_tab(self) -> None:
        """Give the focus to what is seen."""
        parts = self._parts
        self._wants_focus = parts is None
        if self.detail is None or parts is None:
            return
        if self._tab == "tasks":
            parts.tasks.focus_part()
        elif self._tab == "graph":
            parts.graph.focus_part()
        else:
            (parts.metadata if self._tab == "metadata" else parts.error).focus()

    def open_task(self, task_id: str) -> None:
        """Show everything about a task, in the Tasks tab."""
        self._wanted_task = task_id if self._parts is None else None
        if task_id in self._index.tasks and self._parts is not None:
            self.go_to("tasks", focus=False)
            self._parts.tasks.open_task(task_id)

    def freeze(self, frozen: Mapping[str, float]) -> None:
        """Let nothing grow beyond a moment (Unix seconds, by target) where nobody tells any more."""
        if frozen != self._frozen:
            self._frozen = dict(frozen)
            self.tick(self._time())
            self._tick_if_needed()

    def tick(self, now: float) -> None:
        """It is later: durations that grow are drawn again."""
        for part in self._growing():
            part.tick(now)

    # -- messages --------------------------------------------------------------------------------------------

    def on_detail_bar_chosen(self, message: DetailBar.Chosen) -> None:
        """A tab was clicked."""
        message.stop()
        self.go_to(message.tab)

    def on_task_tab_selected(self, message: TaskTab.Selected) -> None:
        """The table's cursor is on another task."""
        message.stop()
        self._note_selected("tasks", message.task_id)

    def on_graph_view_task_highlighted(self, message: GraphView.TaskHighlighted) -> None:
        """The graph's cursor is on another task."""
        message.stop()
        self._note_selected("graph", message.task_id)

    def on_graph_view_task_selected(self, message: GraphView.TaskSelected) -> None:
        """A task of the graph was chosen."""
        message.stop()
        self.open_task(message.task_id)

    def on_detail_document_task_chosen(self, message: DetailDocument.TaskChosen) -> None:
        """A link was followed."""
        message.stop()
        self.open_task(message.task_id)

    # -- inside ----------------------------------------------------------------------------------------------

    def _show_tab(self) -> None:
        for tab, part in zip(TABS, self._parts or (), strict=False):  # none are made at first
            part.set_class(tab == self._tab, "-active")
        self._show_bar()

    def _fill(self, now: float) -> None:
        """Work out the tab that is seen, if there is news for it."""
        detail, tab, parts = self._detail, self._tab, self._parts
        if detail is not None and parts is not None and tab in self._stale:
            self._stale.discard(tab)
            anew = self._shown.get(tab) != detail.summary.key
            self._shown[tab] = detail.summary.key
            if tab == "graph":
                parts.graph.show(detail, self._index, now)
            elif tab == "tasks":
                parts.tasks.show(self._index, now, anew=anew)
            elif tab == "metadata":
                parts.metadata.show(detail, anew=anew)
            else:
                parts.error.show(detail, now, anew=anew)
        self._show_bar()
        self._tick_if_needed()

    def _note_selected(self, tab: str, task_id: str | None) -> None:
        if tab == self._tab:
            self._selected = task_id
            self.post_message(self.TaskSelected(task_id))
            self._tick_if_needed()

    def _select(self, task_id: str) -> None:
        if self._parts is not None and self._tab == "graph":
            self._parts.graph.go_to(task_id)
        elif self._parts is not None and self._tab == "tasks":
            self._parts.tasks.select(task_id)

    def _show_bar(self) -> None:
        detail = self.detail
        remarks: dict[str, tuple[str, str]] = {}
        if detail is not None:
            shown = len(detail.tasks)
            count = f"{shown:,}" if detail.truncated is None else f"{shown:,} of {detail.truncated[1]:,}"
            if detail.read is not None:  # the others are on their way
                count = f"reading, {detail.read[0]:,} of {detail.read[1]:,}"
            remarks["tasks"] = (count, "muted" if detail.truncated is None else "warning")
            if detail.read is not None:
                remarks["graph"] = (f"reading {detail.read[0]:,} of {detail.read[1]:,}", "warning")
            if detail.summary.user_metadata:
                remarks["metadata"] = (f"{len(detail.summary.user_metadata):,}", "muted")
            failed = self._failed
            if failed:
                remarks["error"] = (f"{failed:,}", "failed")
            elif detail.summary.status is Status.FAILED:
                remarks["error"] = ("unexplained", "warning")
            elif detail.problems:
                remarks["error"] = (f"{len(detail.problems):,} unread", "warning")
        self.query_one(DetailBar).show(self._tab, remarks)

    def _growing(self) -> tuple[GraphTab | TaskTab, ...]:
        """What is seen and may hold durations that grow."""
        if self._parts is None:
            return ()
        if self._tab == "graph":
            return (self._parts.graph,)
        return (self._parts.tasks,) if self._tab == "tasks" else ()

    def _tick_if_needed(self) -> None:
        if self._timer is None:
            return
        seen = self.detail is not None and self._frozen_at() is None
        (self._timer.resume if seen and any(part.ticks for part in self._growing()) else self._timer.pause)()

    def _frozen_at(self) -> float | None:
        return None if self._detail is None else self._frozen.get(self._detail.summary.key.target)

    def _time(self) -> float:
        frozen_at = self._frozen_at()
        return self._clock.time() if frozen_at is None else frozen_at

    def _tick(self) -> None:
        self.tick(self._time())


def _import_parts() -> None:
    """Import what the tabs need; harmless in a thread, for a module is imported once, whoever asks."""
    from wftui.widgets import error_view, graph_tab, metadata_tree, task_tab

    _ = (error_view, graph_tab, metadata_tree, task_tab)
