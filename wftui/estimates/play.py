"""Plays an earlier run on from where a workflow is now. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wftui.estimates.quantiles import quantile
from wftui.model.status import Status
from wftui.present.critical_path import in_order, truly_upstream
from wftui.present.timing import when

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wftui.model.history import PastRun, PastTask
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

# Something that takes longer than ever before is taken to need so much of its time once more.
_ONCE_MORE = 0.25


class Ahead:
    """The rest of a workflow whose graph is known, to be timed by earlier runs, task by task along its edges.

    Args:
        detail: The workflow.
        runs: Earlier runs of it, at least one.
        now: Unix seconds.
    """

    def __init__(self, detail: WorkflowDetail, runs: Sequence[PastRun], now: float) -> None:
        self._now = now
        self._tasks = {task.id: task for task in detail.tasks}
        self._upstream = truly_upstream(self._tasks)
        self._order = in_order(self._upstream)
        self._began = when(detail.summary.started_at) or now
        self._by_id = {id(run): {task.id: task for task in run.tasks} for run in runs}
        self._lengths: dict[str, list[float]] = {}
        self._spans: dict[str, list[float]] = {}
        for run in runs:
            for task in run.tasks:
                self._lengths.setdefault(task.name, []).append(task.length)
                self._spans.setdefault(task.name, []).append(task.span)
        for found in (*self._lengths.values(), *self._spans.values()):
            found.sort()
        # Whether a task takes longer than it ever did: nobody knows how much longer.
        self.is_beyond = any(self._is_beyond(task) for task in detail.tasks)

    def end(self, run: PastRun) -> float:
        """When the workflow ends (Unix seconds) if what is left takes as long as in that run."""
        ends: dict[str, float] = {}
        for task_id in self._order:
            ready = max((ends[other] for other in self._upstream[task_id] if other in ends), default=self._began)
            ends[task_id] = self._ends(self._tasks[task_id], ready, run)
        return max(self._now, max(ends.values(), default=self._now) + run.tail)

    def _ends(self, task: Task, ready: float, run: PastRun) -> float:
        ended, began = when(task.ended_at), when(task.started_at)
        if task.continuation is not None and task.continuation in self._tasks and began is not None:
            # It is through itself, whatever its status: what it returned is among the tasks, and ends when that does.
            before = self._by_id[id(run)].get(task.id)
            ran = 0.0 if before is None else before.ran
            return min(self._now, began + ran if ended is None or ended < began else ended)
        if ended is not None and (began is None or ended >= began) and task.status is not Status.PENDING:
            return min(ended, self._now)
        if task.status.is_terminal:
            return min(ready, self._now)  # it is over, and nobody wrote down when
        past = self._by_id[id(run)].get(task.id)
        length = past.length if past is not None else self._middle(self._lengths, task.name)
        if began is not None and task.status is not Status.PENDING and task.status is not Status.READY:
            return began + self._longer(task, length, self._now - began)
        span = past.span if past is not None else self._middle(self._spans, task.name)
        # What should have begun, but did not, begins now.
        return max(ready + span, self._now + length) if ready <= self._now else ready + span

    def _longer(self, task: Task, length: float, so_far: float) -> float:
        """How long a running task takes in all: what it took before, where that is longer than it already took."""
        if length > so_far:
            return length
        longer = [one for one in self._lengths.get(task.name, ()) if one > so_far]
        return quantile(longer, 0.5) if longer else so_far * (1 + _ONCE_MORE)

    def _is_beyond(self, task: Task) -> bool:
        began = when(task.started_at)
        if began is None or task.ended_at is not None or task.status is not Status.RUNNING:
            return False
        longest = self._lengths.get(task.name) or []
        return bool(longest) and self._now - began > longest[-1]

    @staticmethod
    def _middle(found: dict[str, list[float]], name: str) -> float:
        values = found.get(name)
        return quantile(values, 0.5) if values else 0.0


def after_last_step(detail: WorkflowDetail, runs: Sequence[PastRun], now: float) -> tuple[list[float], bool]:
    """When a workflow ends whose further tasks nobody knows yet: it goes on as earlier runs did after the same step.

    Args:
        detail: The workflow.
        runs: Earlier runs of it, at least one.
        now: Unix seconds.

    Returns:
        The ends (Unix seconds), one for each earlier run that still fits; and whether none did, so that it takes longer
        than ever.
    """
    began = when(detail.summary.started_at) or now
    ended: list[tuple[float, str, int]] = []
    counts: dict[str, int] = {}
    over: list[tuple[float, str]] = []
    for task in detail.tasks:
        end = when(task.ended_at)
        if end is not None and task.status is Status.SUCCESSFUL:
            over.append((end, task.name))
    for end, name in sorted(over):
        counts[name] = counts.get(name, 0) + 1
        if end <= now:
            ended.append((end, name, counts[name]))
    ends = [_goes_on(run, ended, began) for run in runs]
    fitting = [end for end in ends if end > now]
    if fitting:
        return fitting, False
    return [now + (now - began) * _ONCE_MORE], True


def _goes_on(run: PastRun, ended: list[tuple[float, str, int]], began: float) -> float:
    """When it ends if it goes on as that run did after the latest step that both have."""
    there: dict[tuple[str, int], PastTask] = {}
    counts: dict[str, int] = {}
    for task in run.tasks:
        counts[task.name] = counts.get(task.name, 0) + 1
        there[task.name, counts[task.name]] = task
    for end, name, count in reversed(ended):
        past = there.get((name, count))
        if past is not None:
            return end + run.took - past.ends
    return began + run.took
