"""The tasks of a workflow, to be found from any side: what waits for one, what lies in it, how long it took. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.present.format import duration, seconds
from wftui.present.timing import when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.history import Usual
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail
    from wftui.present.timing import Timings


@dataclass(frozen=True, slots=True)
class TaskIndex:
    """The tasks of one workflow, to be found from any side.

    Attributes:
        tasks: By id.
        downstream: The ids of those that wait for a task.
        children: The ids of the sub-DAG that a continuation returned.
        ends: When the sub-DAG of a continuation ended; None while it has not.
        live: Whether somebody who knows says what runs, so that durations may grow.
        timings: Where the time went; None where nobody worked that out.
        usual: How long its tasks usually run, by name.
        as_of: The moment in its past that it shows (Unix seconds); None for the present.
    """

    tasks: Mapping[str, Task] = field(default_factory=dict)
    downstream: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    children: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ends: Mapping[str, float | None] = field(default_factory=dict)
    live: bool = False
    timings: Timings | None = None
    usual: Mapping[str, Usual] = field(default_factory=dict)
    as_of: float | None = None

    def ticks(self, task: Task) -> bool:
        """Whether the duration of a task grows by itself: a bare directory cannot tell running from crashed."""
        return self.live and task.status in (Status.RUNNING, Status.WAITING) and when(task.started_at) is not None

    def took(self, task: Task) -> float | None:
        """Seconds from the start of a task to its end, that of its sub-DAG for a continuation; None when unknown."""
        if task.continuation is None:
            return task.duration if not self.ticks(task) else None
        ended = self.ends.get(task.id)
        return None if ended is None or task.started_at is None else max(0.0, ended - task.started_at)

    def duration_text(self, task: Task, now: float) -> str:
        """How long the latest attempt took, or takes so far at time `now` (Unix seconds)."""
        taken = self.took(task)
        if taken is not None:
            return duration(taken)
        return seconds(now - task.started_at) if self.ticks(task) and task.started_at is not None else ""


def index_of(detail: WorkflowDetail, before: TaskIndex | None = None) -> TaskIndex:
    """Turn a workflow's tasks around; what waits for what is taken from `before` where it is the same."""
    tasks = {task.id: task for task in detail.tasks}
    live = detail.live
    if (
        before is not None
        and len(before.tasks) == len(tasks)
        and all(
            old is new or (old.id == new.id and old.upstream == new.upstream and old.parent == new.parent)
            for old, new in zip(before.tasks.values(), tasks.values(), strict=True)
        )
    ):
        known = (before.downstream, before.children, _ends(tasks), live)
        return TaskIndex(tasks, *known, usual=_usual(detail), as_of=detail.as_of)
    downstream: dict[str, list[str]] = {}
    children: dict[str, list[str]] = {}
    for task in detail.tasks:
        for upstream in task.upstream if len(task.upstream) < 2 else dict.fromkeys(task.upstream):
            downstream.setdefault(upstream, []).append(task.id)
        if task.parent is not None and task.parent in tasks and task.parent != task.id:
            children.setdefault(task.parent, []).append(task.id)
    return TaskIndex(
        tasks,
        {key: tuple(ids) for key, ids in downstream.items()},
        {key: tuple(ids) for key, ids in children.items()},
        _ends(tasks),
        live,
        usual=_usual(detail),
        as_of=detail.as_of,
    )


def _usual(detail: WorkflowDetail) -> Mapping[str, Usual]:
    return detail.history.usual if detail.history is not None else {}


def _ends(tasks: Mapping[str, Task]) -> dict[str, float | None]:
    """When the last task of each continuation's chain ended."""
    ends: dict[str, float | None] = {}
    for task in tasks.values():
        chain: list[str] = []
        at: Task | None = task
        while at is not None and at.continuation is not None and at.id not in ends:
            ends[at.id] = None  # until it is known, which also ends a loop in a broken storage
            chain.append(at.id)
            at = tasks.get(at.continuation)
        if at is not None and chain:
            ended = ends.get(at.id, at.ended_at if at.status.is_terminal else None)
            ends.update(dict.fromkeys(chain, ended))
    return ends
