"""The details of the selected workflow, in tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.message import Message

from wftui.present.errors import failures
from wftui.present.task_index import TaskIndex, index_of
from wftui.widgets.detail_bar import TABS, DetailBar
from wftui.widgets.detail_note import DetailNote
from wftui.widgets.detail_parts import make_parts, remarks_of
from wftui.widgets.detail_ticking import DetailTicking
from wftui.widgets.travel_strip import TravelStrip

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from wftui.model.clock import Clock
    from wftui.model.workflow import WorkflowDetail, WorkflowKey
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.detail_document import DetailDocument
    from wftui.widgets.detail_parts import DetailParts
    from wftui.widgets.searched_tab import SearchedTab
    from wftui.widgets.task_tab import TaskTab
    from wftui.widgets.timeline_tab import TimelineTab

# The tabs are made so many seconds after the start, or when there is something to show in them: importing and styling
# them takes about as long as all else that the first rows of the list wait for.
LATER = 1.5


class DetailTabs(DetailTicking):
    """Graph, Tasks, Timeline, Events, Metadata, Error of one workflow, as it is or as it was at a moment.

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
        &.-travelling TravelStrip { display: block; }
        & TravelStrip.-noted { display: none; }
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
        super().__init__(clock=clock, id=id)
        self._glyphs = glyphs
        self._show_secrets = show_secrets
        self._tab = TABS[0]
        self._is_noted = False
        self._index = TaskIndex()
        # The workflow that each tab shows, and the tabs that have not seen the latest of it.
        self._shown: dict[str, WorkflowKey] = {}
        self._stale: set[str] = set()
        self._failed = 0
        self._selected: str | None = None
        self._parts: DetailParts | None = None
        self._is_making = False
        self._wants_focus = False
        self._wanted_task: str | None = None

    def compose(self) -> ComposeResult:
        """The names of the tabs, and room for the tabs, which come later."""
        yield DetailBar()
        yield DetailNote()
        yield Container(id="detail-body")
        yield TravelStrip(glyphs=self._glyphs)

    def on_mount(self) -> None:
        """Nothing is shown yet."""
        self.query_one("#detail-body").display = False  # tabs of nothing look the same before and after they are made
        self._show_bar()
        self.set_timer(LATER, self._make)

    def _make(self) -> None:
        """Make the tabs, if nobody does so already."""
        if not self._is_making:
            self._is_making = True
            self.run_worker(self._make_parts(), group="parts")

    async def _make_parts(self) -> None:
        secrets = self._show_secrets
        parts = await make_parts(self._glyphs, show_secrets=secrets)
        for tab, part in zip(TABS, parts, strict=True):
            part.add_class("detail-tab")
            part.set_class(tab == self._tab, "-active")
        body = self.query_one("#detail-body")
        if not body.is_attached:  # the user left meanwhile
            return
        await body.mount(*parts)
        self._parts = parts
        if self._show_secrets is not secrets:  # the key came meanwhile
            self.reveal(self._show_secrets)
        self._show_tab()
        self._fill(self._time())
        if self._wanted_task is not None:
            self.open_task(self._wanted_task)
        if self._wants_focus:
            self.call_after_refresh(self.focus_tab)

    @property
    def tab(self) -> str:
        """The tab that is seen: graph, tasks, timeline, events, metadata or error."""
        return self._tab

    @property
    def detail(self) -> WorkflowDetail | None:
        """The workflow shown, as it is or was; None while a note stands in its place."""
        return None if self._is_noted else self._detail

    @property
    def selected_task(self) -> str | None:
        """The id of the task that is selected where tasks are seen; None when there is none."""
        return self._selected if self.detail is not None and self._tab not in ("metadata", "error") else None

    @property
    def is_shown(self) -> bool:
        """Whether there is a workflow to travel through."""
        return self.detail is not None

    @property
    def settled(self) -> bool:
        """Whether all that is known is on screen: no layout of a graph is awaited, no past, nor where the time went."""
        if self.detail is None:
            return True
        searched = self._searched
        is_worked_out = self.has_arrived and self.is_timed
        return self._parts is not None and is_worked_out and (searched is None or searched.settled)

    @property
    def can_search(self) -> bool:
        """Whether a slash searches what is seen."""
        return self._searched is not None and self._searched.can_search

    @property
    def is_searching(self) -> bool:
        """Whether somebody types what to search for."""
        return self._searched is not None and self._searched.is_searching

    def search(self) -> None:
        """Search the graph or the timeline; only where `can_search`."""
        if self._searched is not None:
            self._searched.search()

    def show(self, detail: WorkflowDetail | None, *, state: str = "", now: float | None = None) -> None:
        """Show a workflow.

        Args:
            detail: The whole of it; None when there is nothing to show.
            state: Then why, as "loading…" or "could not be read: …". Foreign text is welcome.
            now: Unix seconds; the clock's if not given.
        """
        self._note(noted=detail is None)
        if detail is None:
            self.query_one(DetailNote).show(state)
            self.query_one(DetailBar).show(self._tab, {})
            self._tick_if_needed()
            return
        if self._detail is None or detail.summary.key != self._detail.summary.key:
            self._selected = None
        self._travel.take(detail, self.present())
        self.take(now)

    def _note(self, *, noted: bool) -> None:
        """A note in the place of the tabs, or not. No class of ours: all that is inside would be styled anew for it."""
        self._is_noted = noted
        self.query_one(DetailNote).display = noted
        self.query_one("#detail-body").display = not noted
        self.query_one(TravelStrip).set_class(noted, "-noted")

    def take(self, now: float | None = None) -> None:
        """Show what is to be seen by now: the present, or the moment one has travelled to."""
        detail = self._travel.seen
        if detail is None:
            return
        was_past, is_past = self._detail is not None and self._detail.as_of is not None, detail.as_of is not None
        if was_past or is_past:
            self.post_message(self.Travelled(detail if is_past else None))
        self._detail = detail
        self._index = self.timed(index_of(detail, self._index), detail, self._time())
        self._failed = failures(detail)
        self._stale = set(TABS)
        self._make()
        self.show_travel()
        self._fill(self._time() if now is None or self._travel.moment is not None else now)

    def timings_arrived(self) -> None:
        """Tell where the time went where that is seen."""
        if self._detail is not None:
            self._index = self.timed(self._index, self._detail, self._time())
            self._stale |= {"tasks"}
            for tab in ("graph", "timeline"):
                if self._parts is not None and tab not in self._stale:
                    self._parts.picture(tab).know(self._index)
            self._fill(self._time())

    def reveal(self, show_secrets: bool) -> None:
        """Show what looks like secrets, or not any more."""
        self._show_secrets = show_secrets
        if self._parts is not None:
            from wftui.widgets.detail_document import DetailDocument

            for document in self.query(DetailDocument):
                document.reveal(show_secrets)

    def go_to(self, tab: str, *, focus: bool = True) -> None:
        """Show a tab: graph, tasks, timeline, events, metadata or error. The first four share the selected task."""
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
        parts.focus(self._tab)

    def open_task(self, task_id: str) -> None:
        """Show everything about a task, in the Tasks tab."""
        self._wanted_task = task_id if self._parts is None else None
        if task_id in self._index.tasks and self._parts is not None:
            self.go_to("tasks", focus=False)
            self._parts.tasks.open_task(task_id)

    # -- messages --------------------------------------------------------------------------------------------

    def on_detail_bar_chosen(self, message: DetailBar.Chosen) -> None:
        """A tab was clicked."""
        message.stop()
        self.go_to(message.tab)

    def on_task_tab_selected(self, message: TaskTab.Selected) -> None:
        """The table's cursor is on another task."""
        message.stop()
        self._note_selected("tasks", message.task_id)

    def on_searched_tab_selected(self, message: SearchedTab.Selected) -> None:
        """The cursor of the graph, the timeline or the events is on another task."""
        message.stop()
        if message.part is self._searched:
            self._note_selected(self._tab, message.task_id)

    def on_searched_tab_opened(self, message: SearchedTab.Opened) -> None:
        """A task was chosen there."""
        message.stop()
        self.open_task(message.task_id)

    def on_timeline_tab_folded(self, message: TimelineTab.Folded) -> None:
        """The graph is folded as the timeline is."""
        message.stop()
        if self._parts is not None:
            self._parts.graph.view.fold_as(message.folds)

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
            elif tab == "timeline":
                time = self._travel.time if self._travel.moment is not None else None
                parts.timeline.show(detail, self._index, now, parts.graph.view.layouts.folds, time)
            elif tab == "events":
                parts.events.show(detail, now)
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
        if self._parts is not None:
            self._parts.select(self._tab, task_id)

    @property
    def _searched(self) -> SearchedTab | None:
        """What a slash searches: the graph, the timeline or the events, where one of them is seen."""
        return self._parts.searched(self._tab) if self._parts is not None else None

    def _show_bar(self) -> None:
        remarks = remarks_of(self.detail, self._failed) if self.detail is not None else {}
        self.query_one(DetailBar).show(self._tab, remarks)

    def _growing(self) -> tuple[SearchedTab | TaskTab, ...]:
        """What is seen and may hold durations that grow."""
        return self._parts.growing(self._tab) if self._parts is not None else ()
