"""The tabs of the details themselves: how they are made, and what the names of the tabs remark."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from wftui.model.status import Status

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.glyphs import Glyphs
    from wftui.widgets.error_view import ErrorView
    from wftui.widgets.event_tab import EventTab
    from wftui.widgets.graph_tab import GraphTab
    from wftui.widgets.metadata_tree import MetadataTree
    from wftui.widgets.picture_tab import PictureTab
    from wftui.widgets.searched_tab import SearchedTab
    from wftui.widgets.task_tab import TaskTab
    from wftui.widgets.timeline_tab import TimelineTab


class DetailParts(NamedTuple):
    """The tabs, in the order of their names."""

    graph: GraphTab
    tasks: TaskTab
    timeline: TimelineTab
    events: EventTab
    metadata: MetadataTree
    error: ErrorView

    def picture(self, tab: str) -> PictureTab:
        """The graph or the timeline."""
        return self.graph if tab == "graph" else self.timeline

    def searched(self, tab: str) -> SearchedTab | None:
        """What a slash searches while a tab is seen: the graph, the timeline or the events."""
        return {"graph": self.graph, "timeline": self.timeline, "events": self.events}.get(tab)

    def growing(self, tab: str) -> tuple[SearchedTab | TaskTab, ...]:
        """What is seen of a tab and may hold durations that grow."""
        searched = self.searched(tab)
        if searched is not None:
            return (searched,)
        return (self.tasks,) if tab == "tasks" else ()

    def focus(self, tab: str) -> None:
        """Give the focus to a tab."""
        for part in self.growing(tab):
            part.focus_part()
        if tab in ("metadata", "error"):
            (self.metadata if tab == "metadata" else self.error).focus()

    def select(self, tab: str, task_id: str) -> None:
        """Put the cursor of a tab on a task, where it has one."""
        searched = self.searched(tab)
        if searched is not None:
            searched.go_to(task_id)
        elif tab == "tasks":
            self.tasks.select(task_id)


async def make_parts(glyphs: Glyphs, *, show_secrets: bool) -> DetailParts:
    """Make the tabs. Keys are answered while what they need is imported."""
    await asyncio.to_thread(_import_parts)
    from wftui.widgets.error_view import ErrorView
    from wftui.widgets.event_tab import EventTab
    from wftui.widgets.graph_tab import GraphTab
    from wftui.widgets.metadata_tree import MetadataTree
    from wftui.widgets.task_tab import TaskTab
    from wftui.widgets.timeline_tab import TimelineTab

    return DetailParts(
        GraphTab(glyphs=glyphs, show_secrets=show_secrets, id="detail-graph"),
        TaskTab(glyphs=glyphs, show_secrets=show_secrets, id="detail-tasks"),
        TimelineTab(glyphs=glyphs, show_secrets=show_secrets, id="detail-timeline"),
        EventTab(glyphs=glyphs, id="detail-events"),
        MetadataTree(glyphs=glyphs, show_secrets=show_secrets, id="detail-metadata"),
        ErrorView(glyphs=glyphs, id="detail-error"),
    )


def _import_parts() -> None:
    """Import what the tabs need; harmless in a thread, for a module is imported once, whoever asks."""
    from wftui.widgets import error_view, event_tab, graph_tab, metadata_tree, task_tab, timeline_tab

    _ = (error_view, event_tab, graph_tab, metadata_tree, task_tab, timeline_tab)


def remarks_of(detail: WorkflowDetail, failed: int) -> dict[str, tuple[str, str]]:
    """What stands beside the name of each tab: (text, tone).

    Args:
        detail: The workflow.
        failed: How many tasks failed.
    """
    remarks: dict[str, tuple[str, str]] = {}
    shown = len(detail.tasks)
    count = f"{shown:,}" if detail.truncated is None else f"{shown:,} of {detail.truncated[1]:,}"
    if detail.read is not None:  # the others are on their way
        count = f"reading, {detail.read[0]:,} of {detail.read[1]:,}"
        remarks["graph"] = (f"reading {detail.read[0]:,} of {detail.read[1]:,}", "warning")
    remarks["tasks"] = (count, "muted" if detail.truncated is None else "warning")
    if detail.summary.user_metadata:
        remarks["metadata"] = (f"{len(detail.summary.user_metadata):,}", "muted")
    if failed:
        remarks["error"] = (f"{failed:,}", "failed")
    elif detail.summary.status is Status.FAILED:
        remarks["error"] = ("unexplained", "warning")
    elif detail.problems:
        remarks["error"] = (f"{len(detail.problems):,} unread", "warning")
    return remarks
