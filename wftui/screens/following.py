"""Keeps the details those of the selected workflow. Belongs to the main screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.widgets.detail_tabs import DetailTabs
from wftui.widgets.workflow_heading import WorkflowHeading

if TYPE_CHECKING:
    from textual.screen import Screen
    from textual.timer import Timer

    from wftui.messages import Expected
    from wftui.model.workflow import WorkflowDetail, WorkflowKey, WorkflowSummary
    from wftui.monitor.events import DetailChanged
    from wftui.monitor.monitor import Monitor
    from wftui.screens.expecting import Expecting

# The cursor rests so long on a row before its details are read, so that holding a key reads nothing.
REST = 0.15


class Following:
    """Opens what is selected, once the cursor rests and somebody sees it, and closes what was open.

    Args:
        screen: Holds the heading and the tabs.
        monitor: Reads workflows.
        expecting: Knows when they will be done.
    """

    def __init__(self, screen: Screen[None], monitor: Monitor, expecting: Expecting) -> None:
        self._screen = screen
        self._expecting = expecting
        self._monitor = monitor
        self._open: WorkflowKey | None = None
        self._read: WorkflowKey | None = None
        self._wanted: WorkflowSummary | None = None
        self._shown: WorkflowDetail | None = None
        self._going_in = False
        self._timer: Timer | None = None

    @property
    def _heading(self) -> WorkflowHeading:
        return self._screen.query_one(WorkflowHeading)

    @property
    def _tabs(self) -> DetailTabs:
        return self._screen.query_one(DetailTabs)

    def settled(self, row: WorkflowSummary | None) -> bool:
        """Whether what is shown is that workflow, or nothing when it is None."""
        return self._open is None if row is None else self._open == self._read == row.key

    def rest(self, row: WorkflowSummary | None) -> None:
        """The cursor is on this row now; None when nobody would see its details."""
        self._wanted = row
        if self._timer is not None:
            self._timer.stop()
        if row is not None and row.key == self._open:
            self._heading.show(row)
        else:
            self._timer = self._screen.set_timer(REST, self._follow)

    def enter(self, row: WorkflowSummary) -> None:
        """Read this workflow at once, and give its details the focus as soon as they are there."""
        self._wanted = row
        self._follow()
        self._going_in = self._read != self._open
        self._screen.call_after_refresh(self._tabs.focus_tab)

    def show_tasks(self, task_ids: tuple[str, ...]) -> None:
        """These of its tasks are on screen."""
        if self._open is not None:
            self._monitor.show_tasks(self._open, task_ids)

    def leave(self) -> None:
        """The focus goes elsewhere."""
        self._going_in = False

    def arrived(self, event: DetailChanged, row: WorkflowSummary | None) -> None:
        """An open workflow was read; `row` is what the list knows of it."""
        if event.key != self._open:
            return  # a late answer: something else is open by now
        self._read = event.key
        trouble = "it is gone" if event.gone else event.error
        tabs = self._tabs
        self._heading.show(event.detail.summary if event.detail is not None else row, trouble)
        self._heading.does(event.detail)
        if event.detail is not None:
            self._shown = event.detail
            self._expecting.shown(event.detail)
            self._heading.expect(self._expecting.estimate)
            tabs.show(self._expecting.known(event.detail))
        elif event.gone or tabs.detail is None or tabs.detail.summary.key != event.key:
            tabs.show(None, state=trouble)  # else what was read before stays, and the heading says why
        if self._going_in:
            self._going_in = False
            tabs.focus_tab()

    def travelled(self, detail: WorkflowDetail | None) -> None:
        """What is open is shown as it was; None for as it is."""
        self._heading.was(detail)

    def expected(self, message: Expected) -> None:
        """When a workflow will be done was worked out."""
        is_new, shown = self._expecting.arrived(message), self._shown
        if shown is not None and shown.summary.key == self._open == message.key:
            self._heading.expect(self._expecting.estimate)
            if is_new and self._tabs.detail is not None:
                self._tabs.show(self._expecting.known(shown))

    def _follow(self) -> None:
        wanted = self._wanted.key if self._wanted is not None else None
        if wanted == self._open:
            return
        if self._open is not None:
            self._monitor.close(self._open)
        self._open, self._read = wanted, None
        self._heading.expect(None)
        self._heading.was(None)
        self._heading.does(None)
        self._heading.show(self._wanted)
        self._tabs.show(None, state="" if wanted is None else "reading")
        if wanted is not None:
            self._monitor.open(wanted)
