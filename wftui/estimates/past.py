"""What of an earlier run tells about the next: which runs are alike, and how long their tasks took. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from wftui.estimates.quantiles import quantile
from wftui.model.history import History, PastRun, PastTask, Usual
from wftui.model.status import Status
from wftui.present.task_index import index_of
from wftui.present.timing import timings_of, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from wftui.model.workflow import WorkflowDetail, WorkflowSummary

RAY = "ray"
# Clocks of two machines may be apart by so many seconds before a task counts as older than its workflow.
_APART = 1.0
_NUMBER = re.compile(r"\d+")


def past_run(detail: WorkflowDetail) -> PastRun | None:
    """What is to be learnt of a run; None where it did not succeed in one go, or its times are not known."""
    row = detail.summary
    began, ended = when(row.started_at), when(row.ended_at)
    if row.status is not Status.SUCCESSFUL or began is None or ended is None or ended < began:
        return None
    if detail.truncated is not None or detail.read is not None:
        return None
    timings, ends = timings_of(detail), index_of(detail).ends
    tasks: list[PastTask] = []
    for task in detail.tasks:
        start = when(task.started_at)
        if start is not None and start < began - _APART:
            return None  # it was resumed: what ran before is not in its times
        end = when(ends.get(task.id, task.ended_at))
        if end is None or end < began:
            continue
        ready = timings[task.id].ready_at
        since = began if ready is None else min(ready, end)
        first = end if start is None else min(start, end)
        ran = max(0.0, task.duration or 0.0)
        tasks.append(PastTask(task.id, task.name, task.parent is None, end - began, end - since, end - first, ran))
    tasks.sort(key=lambda one: one.ends)
    last = tasks[-1].ends if tasks else 0.0
    return PastRun(row.key, ended, ended - began, max(0.0, ended - began - last), tuple(tasks))


def is_alike(detail: WorkflowDetail, run: PastRun) -> bool:
    """Whether an earlier run was one of the same workflow.

    Absurd's have names and versions, by which they were chosen. Ray's have none: what is alike has tasks of the same
    names; those of sub-DAGs are known only once they were returned.
    """
    if run.key == detail.summary.key:
        return False
    if detail.summary.key.engine != RAY:
        return True
    top = {task.name for task in detail.tasks if task.parent is None}
    if not top or top != {task.name for task in run.tasks if task.top}:
        return False
    return {task.name for task in detail.tasks} <= {task.name for task in run.tasks}


def history_of(runs: Iterable[PastRun]) -> History:
    """The history that these runs are."""
    newest = tuple(sorted(runs, key=lambda run: -run.ended_at))
    lengths: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for run in newest:
        for name in {task.name for task in run.tasks}:
            counts[name] = counts.get(name, 0) + 1
        for task in run.tasks:
            lengths.setdefault(task.name, []).append(task.ran)
    usual: dict[str, Usual] = {}
    for name, found in lengths.items():
        found.sort()
        usual[name] = Usual(counts[name], quantile(found, 0.5), quantile(found, 0.95))
    return History(newest, usual)


def candidates(rows: Iterable[WorkflowSummary], of: WorkflowSummary, most: int) -> tuple[str, ...]:
    """The ids of rows that may be earlier runs of a workflow, those to read first in front.

    Of Ray nothing but the id is known: ids that differ in their numbers only come first; then the newest.

    Args:
        rows: All rows of its source.
        of: The workflow.
        most: At most so many.
    """
    found: list[tuple[bool, float, str]] = []
    key, stem = of.key, _stem(of.key.id)
    for row in rows:
        if row.status is not Status.SUCCESSFUL or row.key[:3] != key[:3] or row.key.id == key.id:
            continue
        if key.engine != RAY and (row.name, row.version) != (of.name, of.version):
            continue
        since = row.ended_at or row.status_since or row.started_at or 0.0
        found.append((_stem(row.key.id) != stem, -since, row.key.id))
    found.sort()
    return tuple(workflow_id for _, _, workflow_id in found[:most])


def _stem(workflow_id: str) -> str:
    return _NUMBER.sub("0", workflow_id)


def earlier(runs: Sequence[PastRun], moment: float) -> list[PastRun]:
    """Those that had ended by a moment."""
    return [run for run in runs if run.ended_at <= moment]
