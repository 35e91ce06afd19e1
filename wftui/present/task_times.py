"""What is told about one task of where the time went. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.columns import Span
from wftui.present.document import field
from wftui.present.format import duration
from wftui.present.time_lines import percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wftui.model.task import Task
    from wftui.present.document import Line
    from wftui.present.task_index import TaskIndex


def time_facts(task: Task, index: TaskIndex) -> Iterator[Line]:
    """How long it waited although nothing kept it; its share of the wall time and its slack."""
    if index.timings is None:
        return
    timing = index.timings[task.id]
    if timing.queued is not None and timing.queued >= 0.0005:
        yield field("queued", Span(duration(timing.queued)), Span("  since all that it waits for was done", "muted"))
    if timing.share is None:
        return
    critical = task.id in index.timings.path
    slack = "" if timing.slack is None else f", {duration(timing.slack) or '0s'} of slack"
    told = ", on the critical path" if critical else slack if timing.slack else ""
    yield field(
        "share", Span(percent(timing.share), "strong" if critical else ""), Span(f" of the wall time{told}", "muted")
    )
