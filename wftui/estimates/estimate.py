"""When a workflow will be done. Pure.

Every earlier run is played on from where the workflow is now: what is left takes as long as it took there. So what
belongs together stays together, a slow machine or a big input; and the range is that of the ends so found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.estimates.past import RAY
from wftui.estimates.play import Ahead, after_last_step
from wftui.estimates.quantiles import expected, quantile
from wftui.model.status import Status
from wftui.present.timing import when

if TYPE_CHECKING:
    from wftui.model.history import History
    from wftui.model.workflow import WorkflowDetail

# The range is meant to hold for so many of ten.
OF_TEN = 8
_LOW, _HIGH = 0.1, 0.9


@dataclass(frozen=True, slots=True)
class Estimate:
    """When it will be done. Times are Unix seconds.

    Attributes:
        done: So many tasks have succeeded.
        known: Of so many that are known.
        can_grow: More tasks may come: a continuation may return some, a run may spawn some.
        runs: It is told by so many earlier runs.
        earliest: One of ten ends earlier; None where it is not known.
        likely: Half of them end earlier.
        latest: One of ten ends later; None also where it takes longer than any earlier run did.
        why: Why it is not known; "" where it is.
    """

    done: int
    known: int
    can_grow: bool
    runs: int = 0
    earliest: float | None = None
    likely: float | None = None
    latest: float | None = None
    why: str = ""


def estimate(detail: WorkflowDetail, history: History | None, now: float) -> Estimate:
    """When a workflow will be done, if it succeeds and nothing changes.

    Args:
        detail: The workflow.
        history: Earlier runs of it; None while they are not read.
        now: Unix seconds.
    """
    tasks = [task for task in detail.tasks if task.operator is None or task.operator.is_taken]
    done = sum(task.status is Status.SUCCESSFUL for task in tasks)
    can_grow = done < len(tasks) or detail.summary.key.engine != RAY
    runs = history.runs if history is not None else ()
    why = _why_not(detail, history)
    if why:
        return Estimate(done, len(tasks), can_grow and not detail.summary.status.is_terminal, len(runs), why=why)
    if detail.summary.key.engine == RAY:
        ahead = Ahead(detail, runs, now)
        ends = [ahead.end(run) for run in runs]
        is_beyond = ahead.is_beyond
    else:
        ends, is_beyond = after_last_step(detail, runs, now)
    left = sorted(max(0.0, end - now) for end in ends)
    latest = None if is_beyond else now + expected(left, _HIGH)
    earliest, likely = now + expected(left, _LOW), now + quantile(left, 0.5)
    return Estimate(done, len(tasks), can_grow, len(runs), earliest, likely, latest)


def _why_not(detail: WorkflowDetail, history: History | None) -> str:
    row = detail.summary
    if row.status.is_terminal:
        return "it is not running" if row.status is Status.RESUMABLE else "it has ended"
    if when(row.started_at) is None or row.status is Status.PENDING:
        return "it has not started"
    if history is None:
        return "earlier runs are not read yet"
    return "" if history.runs else "no earlier run of it is known"
