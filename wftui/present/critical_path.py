"""The chain of tasks that took a workflow's time. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail


def critical_path(detail: WorkflowDetail, upstream: Mapping[str, list[str]] | None = None) -> tuple[str, ...]:
    """The ids of the longest path by the sum of the tasks' durations, from its first task to its last.

    Edges are the recorded upstream ones, and those that a continuation stands for: it runs before the first tasks of
    the sub-DAG that it returned, and whatever waits for it waits for that sub-DAG's output task. A task without a
    duration counts nothing, and the path neither begins nor ends with one: so the path is empty until times are known.
    Of two equally long paths the one that comes first in the order of the tasks is taken.

    Args:
        detail: The workflow.
        upstream: What each task waits for in truth, where somebody worked that out.
    """
    tasks = {task.id: task for task in detail.tasks}
    upstream = truly_upstream(tasks) if upstream is None else upstream
    best: dict[str, float] = {}
    before: dict[str, str | None] = {}
    for task_id in in_order(upstream):
        length, came_from = 0.0, None
        for other in upstream[task_id]:
            # Any way in is better than none, so that a task whose upstream took no time still has it on its path.
            if other in best and (came_from is None or best[other] > length):
                length, came_from = best[other], other
        best[task_id] = length + weight_of(tasks[task_id])
        before[task_id] = came_from
    ends = [task_id for task_id in tasks if task_id in best and tasks[task_id].duration is not None]
    if not ends:
        return ()
    path = [max(ends, key=lambda task_id: best[task_id])]
    at = before[path[0]]
    while at is not None:
        path.append(at)
        at = before[at]
    while tasks[path[-1]].duration is None:  # the end has one, so this ends
        path.pop()
    return tuple(reversed(path))


def weight_of(task: Task) -> float:
    """The seconds that a task counts on a path: none where nobody knows them, or a damaged record has them negative."""
    return max(0.0, task.duration or 0.0)


def truly_upstream(tasks: Mapping[str, Task]) -> dict[str, list[str]]:
    """What each task waits for in truth, ids that are no tasks left out."""
    upstream: dict[str, list[str]] = {}
    for task in tasks.values():
        known = [tasks[other] for other in task.upstream if other in tasks]
        waits = [other.id if other.continuation is None else _output_of(tasks, other.id) for other in known]
        above = task.parent
        if above is not None and above in tasks and all(other.parent != above for other in known):
            waits.append(above)
        upstream[task.id] = [other for other in dict.fromkeys(waits) if other != task.id]
    return upstream


def _output_of(tasks: Mapping[str, Task], task_id: str) -> str:
    """The task whose output stands for that of `task_id`: itself, or the end of its continuations."""
    seen = {task_id}
    while (following := tasks[task_id].continuation) is not None and following in tasks and following not in seen:
        seen.add(following)
        task_id = following
    return task_id


def in_order(upstream: Mapping[str, list[str]]) -> list[str]:
    """Upstream before downstream; tasks of a cycle, which only a damaged storage has, are left out."""
    waiting = {task_id: len(others) for task_id, others in upstream.items()}
    downstream: dict[str, list[str]] = {task_id: [] for task_id in upstream}
    for task_id, others in upstream.items():
        for other in others:
            downstream[other].append(task_id)
    order = [task_id for task_id, count in waiting.items() if count == 0]
    for task_id in order:  # grows while it is walked
        for following in downstream[task_id]:
            waiting[following] -= 1
            if waiting[following] == 0:
                order.append(following)
    return order
