"""The tasks of a workflow as rows in order: nested under their continuations, what fails first. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.glyphs import STATUS_RANK
from wftui.present.order import Sort

if TYPE_CHECKING:
    from collections.abc import Callable

    from wftui.model.task import Task
    from wftui.present.task_index import TaskIndex

SORTS: tuple[str, ...] = ("status", "started", "duration", "id", "output", "share", "slack")
# Sorted so when a column is first chosen: the longest, the biggest first.
BIGGEST_FIRST = frozenset({"duration", "output", "share"})


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One row.

    Attributes:
        task: The task.
        depth: How many continuations it lies in.
        ticks: Whether its duration grows by itself.
    """

    task: Task
    depth: int = 0
    ticks: bool = False


def task_rows(index: TaskIndex, sort: Sort | None = None) -> tuple[TaskRow, ...]:
    """All tasks in order, each continuation followed by the sub-DAG that it returned.

    By status, a continuation stands where the worst of its sub-DAG stands, so that what failed is on top.
    """
    sort = sort or Sort()
    order = _order(sort, index)
    # A continuation's parent chain may hold a loop in a broken storage: whatever is not reached from a root is
    # shown at the end, unnested.
    roots = [task_id for task_id, task in index.tasks.items() if not _is_child(task, index)]
    rows: list[TaskRow] = []
    seen: set[str] = set()
    todo = [(task_id, 0) for task_id in sorted(roots, key=order, reverse=True)]
    while todo:
        task_id, depth = todo.pop()
        if task_id in seen:
            continue
        seen.add(task_id)
        task = index.tasks[task_id]
        rows.append(TaskRow(task, depth, index.ticks(task)))
        if inner := index.children.get(task_id):
            todo += [(child, depth + 1) for child in sorted(inner, key=order, reverse=True)]
    rows += [TaskRow(task, 0, index.ticks(task)) for task_id, task in index.tasks.items() if task_id not in seen]
    return tuple(rows)


def _is_child(task: Task, index: TaskIndex) -> bool:
    return task.parent is not None and task.parent != task.id and task.parent in index.tasks


def _order(sort: Sort, index: TaskIndex) -> Callable[[str], tuple[object, ...]]:
    place = {task_id: at for at, task_id in enumerate(index.tasks)}
    sign = -1 if sort.descending else 1

    def by_status(task_id: str) -> tuple[object, ...]:
        begun = index.tasks[task_id].started_at
        return (sign * worst[task_id], math.inf if begun is None else begun, place[task_id])

    def by_value(task_id: str) -> tuple[object, ...]:
        value = _value(index.tasks[task_id], sort.column, index)
        return (1, 0.0, place[task_id]) if value is None else (0, sign * value, place[task_id])

    if sort.column == "status":
        worst = _worst(index)
        return by_status
    if sort.column == "id":
        # Upside down is done by place, because a text cannot be negated.
        names = {task_id: sign * at for at, task_id in enumerate(sorted(index.tasks, key=_natural))}
        return lambda task_id: (names[task_id],)
    return by_value


def _worst(index: TaskIndex) -> dict[str, int]:
    """The rank of each task's status, or of the worst inside it."""
    worst = {task_id: STATUS_RANK[task.status] for task_id, task in index.tasks.items()}
    for task_id in index.tasks:
        rank, above = worst[task_id], index.tasks[task_id].parent
        # Only as far up as it makes a difference: each step betters a rank, of which there are few.
        while above is not None and above in worst and worst[above] > rank:
            worst[above] = rank
            above = index.tasks[above].parent
    return worst


def _natural(text: str) -> tuple[object, ...]:
    """`load_9` before `load_10`."""
    stem, _, number = text.rpartition("_")
    return (stem, int(number)) if stem and number.isdecimal() and len(number) < 19 else (text, -1)


def _value(task: Task, column: str, index: TaskIndex) -> float | None:
    if column == "started":
        return task.started_at
    if column == "duration":
        taken = index.took(task)
        if taken is not None:
            return taken
        # What still runs is longer than anything ended; among it, what began first.
        running = task.status.is_active and task.started_at is not None
        return 1e12 - (task.started_at or 0.0) if running else None
    if column in ("share", "slack"):
        timing = index.timings[task.id] if index.timings is not None else None
        return None if timing is None else timing.share if column == "share" else timing.slack
    return None if task.output_size is None else float(task.output_size)
