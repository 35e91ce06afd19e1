"""Where the time of a workflow went, as the JSON of the commands. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.present.time_lines import average_of
from wftui.present.timing import concurrency, timings_of

if TYPE_CHECKING:
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.timing import Timings


def times_of(detail: WorkflowDetail) -> Timings:
    """The times that the JSON tells: recorded ones, and for a moment in the past what had run until then."""
    return timings_of(detail, detail.as_of)


def task_times(timings: Timings, task_id: str) -> dict[str, object]:
    """The keys of one task: seconds; `share` is a part of the wall time, from 0 to 1. Null is unknown."""
    timing = timings[task_id]
    return {"queued": timing.queued, "ran": timing.ran, "share": timing.share, "slack": timing.slack}


def whole_times(detail: WorkflowDetail, timings: Timings) -> dict[str, object]:
    """The key `time` of a workflow.

    `wall` is from the first to the last time that is known; `ran` and `queued` are sums over all tasks; `at_once` tells
    how many tasks ran at once, at most and on average; `worst` names the five tasks of the critical path that took the
    most; `as_of` is the moment in the past that all of it is of, null for the present.
    """
    extent = timings.extent
    wall = None if extent is None else extent.length
    end = 0.0 if extent is None else extent.end
    steps = concurrency(detail, timings, end)
    most = max((count for _, count in steps), default=0)
    return {
        "as_of": detail.as_of,
        "wall": wall,
        "ran": timings.ran,
        "queued": timings.queued,
        "at_once": {"most": most, "average": average_of(steps, wall) if wall else None},
        "worst": list(timings.worst),
    }
