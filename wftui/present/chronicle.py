"""When a workflow came to be otherwise, and what of it hangs on what: made once, for looking at many moments. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wftui.present.critical_path import truly_upstream
from wftui.present.then import OVER, first_start, is_hidden, turns_of
from wftui.present.timing import Extent, extent_of, when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary

_EVERYTHING = -1


@dataclass(frozen=True, slots=True)
class Chronicle:
    """A workflow's past, turned around. Tasks are told by their places in `detail.tasks`; times are Unix seconds.

    Attributes:
        detail: The workflow as it is.
        extent: From the first to the last moment that is known of it; None where none is.
        began: When it began.
        over: When it was over; None where it is not, or nobody knows when.
        born: When each task came to be known: -inf for those of the first graph.
        turns: The moments at which something came to be otherwise, ascending.
        whose: The task that it came to be otherwise for; -1 for all.
        upstream: What each task waits for in truth; None for what waits for tasks that nobody knows.
        downstream: What waits for each.
        parent: The continuation that returned each; None at the top.
        output: Of tasks that went on in a sub-DAG the one whose output stands for theirs.
        stands_for: The other way round.
        hidden: Tasks to which something happened that nobody wrote down when.
    """

    detail: WorkflowDetail
    extent: Extent | None
    began: float | None
    over: float | None
    born: tuple[float, ...]
    turns: tuple[float, ...]
    whose: tuple[int, ...]
    upstream: tuple[tuple[int, ...] | None, ...]
    downstream: tuple[tuple[int, ...], ...]
    parent: tuple[int | None, ...]
    output: Mapping[int, int]
    stands_for: Mapping[int, tuple[int, ...]]
    hidden: frozenset[int]

    def between(self, one: float, other: float) -> set[int] | None:
        """The tasks that were otherwise at one of two moments than at the other; None for all."""
        low, high = sorted((one, other))
        found = set(self.whose[bisect_right(self.turns, low) : bisect_right(self.turns, high)])
        return None if _EVERYTHING in found else found


def chronicle_of(detail: WorkflowDetail) -> Chronicle:
    """Turn the past of a workflow around."""
    tasks = {task.id: task for task in detail.tasks}
    place = {task.id: at for at, task in enumerate(detail.tasks)}
    waits = truly_upstream(tasks)
    upstream: list[tuple[int, ...] | None] = []
    downstream: list[list[int]] = [[] for _ in detail.tasks]
    for at, task in enumerate(detail.tasks):
        places = tuple(place[other] for other in waits[task.id])
        for other in places:
            downstream[other].append(at)
        upstream.append(None if any(other not in place for other in task.upstream) else places)
    began, over, extent = when(detail.summary.started_at), over_at(detail.summary), extent_of(detail)
    if extent is not None:
        # Tasks that ran before a resume are older than what the workflow wrote down as its start.
        began = extent.start if began is None else min(began, extent.start)
    births = _births(tasks)
    born = tuple(births[task.id] for task in detail.tasks)
    turns = [(moment, at) for at, task in enumerate(detail.tasks) for moment in turns_of(task)]
    turns += [(moment, at) for at, moment in enumerate(born) if moment > -math.inf]
    turns += [(moment, _EVERYTHING) for moment in (began, over) if moment is not None]
    turns.sort()
    output = _outputs(tasks, place)
    stands_for: dict[int, list[int]] = {}
    for at, end in output.items():
        stands_for.setdefault(end, []).append(at)
    return Chronicle(
        detail,
        extent,
        began,
        over,
        born,
        tuple(moment for moment, _ in turns),
        tuple(at for _, at in turns),
        tuple(upstream),
        tuple(map(tuple, downstream)),
        tuple(place.get(task.parent) if task.parent is not None else None for task in detail.tasks),
        output,
        {end: tuple(found) for end, found in stands_for.items()},
        frozenset(at for at, task in enumerate(detail.tasks) if is_hidden(task)),
    )


def over_at(row: WorkflowSummary) -> float | None:
    """When a workflow was over; None where it is not, or nobody knows when."""
    began, ended = when(row.started_at), when(row.ended_at)
    if ended is not None and (began is None or ended >= began):
        return ended
    return when(row.status_since) if row.status in OVER else None


def _births(tasks: Mapping[str, Task]) -> dict[str, float]:
    """When each task came to be: -inf for those of the first graph."""
    firsts: dict[str, float] = {}
    for task in tasks.values():
        start = first_start(task) if task.parent is not None else None
        if task.parent is not None and start is not None:
            firsts[task.parent] = min(firsts.get(task.parent, math.inf), start)
    born: dict[str, float] = {}
    for task in tasks.values():
        trail: dict[str, Task] = {}
        at: Task | None = task
        while at is not None and at.id not in born and at.id not in trail:
            trail[at.id] = at
            at = tasks.get(at.parent) if at.parent is not None else None
        for one in reversed(trail.values()):
            parent = tasks.get(one.parent) if one.parent is not None else None
            if parent is None or parent is one:
                born[one.id] = -math.inf
                continue
            returned = when(parent.ended_at)
            known = [moment for moment in (returned, firsts.get(parent.id)) if moment is not None]
            own = min(known) if known else first_start(parent)
            born[one.id] = max(born.get(parent.id, -math.inf), -math.inf if own is None else own)
    return born


def _outputs(tasks: Mapping[str, Task], place: Mapping[str, int]) -> dict[int, int]:
    """The end of the chain of continuations that each began."""
    found: dict[int, int] = {}
    for task in tasks.values():
        seen, at = {task.id}, task
        while at.continuation is not None and at.continuation in tasks and at.continuation not in seen:
            at = tasks[at.continuation]
            seen.add(at.id)
        if at is not task:
            found[place[task.id]] = place[at.id]
    return found
