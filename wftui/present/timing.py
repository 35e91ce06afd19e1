"""Where a workflow's time went: waiting and running of each task, its share of the whole, its slack. Pure.

Any record may be damaged: times may be missing, equal, reversed, of clocks apart, or no numbers at all. What does not
make sense is not known; nothing here is ever negative, infinite or NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.critical_path import critical_path, in_order, truly_upstream, weight_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail

# The last moment that a clock can show; before the first, 0, nothing ever ran either.
_LATEST = 253_402_300_800.0


class Stretch(NamedTuple):
    """Some time of a task, in Unix seconds; `end` is None while it goes on, or where nobody knows its end."""

    start: float
    end: float | None


class Extent(NamedTuple):
    """From the first to the last moment, in Unix seconds."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Timing:
    """The times of one task. Seconds.

    Attributes:
        ready_at: When all that it waits for was done (Unix seconds); None where that is not known.
        queued: From then to its first start; None where either is not known.
        tries: When it ran, try by try, oldest first; between tries it waited to run again.
        ran: How long it ran, all its tries together, those under way up to now; None where it did not, or nobody knows.
        share: That as a part of the workflow's wall time, from 0 to 1; None where either is not known.
        slack: How much longer it could have taken without making the longest path longer; 0 on the critical path; None
            where it has no recorded duration.
    """

    ready_at: float | None = None
    queued: float | None = None
    tries: tuple[Stretch, ...] = ()
    ran: float | None = None
    share: float | None = None
    slack: float | None = None


_NOTHING = Timing()


@dataclass(frozen=True, slots=True)
class Timings:
    """The times of a workflow.

    Attributes:
        of: The times of each task, by id.
        path: The critical path.
        extent: From the first to the last time that is known of it, or to now while it runs; None without any.
        worst: The five tasks that took the most, what they queued included, the worst first; of the critical path, and
            of what still runs.
    """

    of: Mapping[str, Timing] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    extent: Extent | None = None
    worst: tuple[str, ...] = ()

    def __getitem__(self, task_id: str) -> Timing:
        """The times of a task; those of nobody for an id that is none."""
        return self.of.get(task_id, _NOTHING)

    @property
    def ran(self) -> float:
        """How long all tasks ran, taken together."""
        return sum(timing.ran or 0.0 for timing in self.of.values())

    @property
    def queued(self) -> float:
        """How long all tasks waited although nothing kept them, taken together."""
        return sum(timing.queued or 0.0 for timing in self.of.values())


def when(moment: float | None) -> float | None:
    """A time that can be one; None for anything else."""
    return moment if moment is not None and 0 <= moment <= _LATEST else None


def is_wait(task: Task) -> bool:
    """Whether nothing runs while this is under way: a sleep, or the wait for an event."""
    return task.kind is TaskKind.WAIT


def tried_before(task: Task) -> bool:
    """Whether there was an attempt before the first that is known."""
    if task.attempts is not None:
        return len(task.attempts) > 1 and when(task.attempts[0].started_at) is None
    return task.failed_at is not None or (task.error is not None and task.error.stale)


def failed_before(task: Task) -> float | None:
    """When the attempt before the first whose start is known failed, in Unix seconds; None where nobody knows."""
    if task.attempts is None:
        return when(task.failed_at)
    ends = [when(one.ended_at) for one in task.attempts if when(one.started_at) is None]
    return max((end for end in ends if end is not None), default=None)


def tries_of(task: Task) -> tuple[Stretch, ...]:
    """When a task ran, try by try, oldest first: all that is known of it, whatever is missing or reversed."""
    tries: list[Stretch] = []
    for attempt in task.attempts or ():
        began = when(attempt.started_at)
        if began is not None:
            ended = when(attempt.ended_at)
            tries.append(Stretch(began, ended if ended is None or ended >= began else None))
    began = when(task.started_at)
    if began is not None and all(one.start < began for one in tries):
        ended = when(task.ended_at)
        tries.append(Stretch(began, ended if ended is None or ended >= began else None))
    tries.sort(key=lambda one: one.start)
    # A try is over when the next begins, whoever forgot to write that down.
    return tuple(
        one._replace(end=min(following.start, one.end if one.end is not None else math.inf))
        for one, following in pairwise(tries)
    ) + tuple(tries[-1:])


def extent_of(detail: WorkflowDetail, now: float | None = None) -> Extent | None:
    """From the first to the last time that is known of a workflow; None without any.

    Args:
        detail: The workflow.
        now: Unix seconds: as far as it reaches while something may still run; None for recorded times only.
    """
    row = detail.summary
    found = [row.started_at, row.ended_at]
    for task in detail.tasks:
        found += [task.started_at, task.ended_at]
        for attempt in task.attempts or ():
            found += [attempt.started_at, attempt.ended_at]
    known = [moment for moment in map(when, found) if moment is not None]
    if not known:
        return None
    end = max(known)
    if now is not None and grows(detail):
        end = max(end, now)
    return Extent(min(known), end)


def grows(detail: WorkflowDetail) -> bool:
    """Whether time goes on for a workflow: it is not over, and somebody knows that."""
    return detail.live and not detail.summary.status.is_terminal and detail.summary.status is not Status.UNKNOWN


def timings_of(detail: WorkflowDetail, now: float | None = None) -> Timings:
    """Where the time of a workflow went.

    Args:
        detail: The workflow.
        now: Unix seconds, for what still runs; None for recorded times only: then nothing grows, and there are no
            shares while the workflow has no end.
    """
    tasks = {task.id: task for task in detail.tasks}
    upstream = truly_upstream(tasks)
    extent = extent_of(detail, now)
    is_over = detail.summary.duration is not None or detail.summary.status.is_terminal
    wall = extent.length if extent is not None and (now is not None or is_over) else 0.0
    path = critical_path(detail, upstream)
    slack = slacks(tasks, upstream)
    live = detail.live and now is not None
    begun = when(detail.summary.started_at)
    found: dict[str, Timing] = {}
    for task in tasks.values():
        tries = tries_of(task)
        ready = _ready_at(upstream[task.id], tasks, begun)
        if ready is not None and begun is not None and (not tries or tries[0].start >= begun):
            ready = max(ready, begun)  # what was resumed did not queue while nobody ran the workflow
        ran = _ran(task, tries, now if live else None)
        share = min(1.0, ran / wall) if ran is not None and wall > 0 else None
        queued = _queued(task, tries, ready, now if live else None)
        found[task.id] = Timing(ready, queued, tries, ran, share, slack.get(task.id))
    running = [task.id for task in tasks.values() if live and task.status is Status.RUNNING]
    return Timings(found, path, extent, _worst(dict.fromkeys((*path, *running)), found))


def _worst(among: Iterable[str], times: Mapping[str, Timing]) -> tuple[str, ...]:
    cost = {task_id: (times[task_id].ran or 0.0) + (times[task_id].queued or 0.0) for task_id in among}
    return tuple(sorted((one for one, seconds in cost.items() if seconds > 0), key=lambda one: -cost[one])[:5])


def _ready_at(upstream: Iterable[str], tasks: Mapping[str, Task], begun: float | None) -> float | None:
    """When the last of what a task waits for was done; for what waits for nothing, when the workflow began."""
    latest: float | None = None
    for other in upstream:
        ended = when(tasks[other].ended_at)
        if ended is None:
            return None
        latest = ended if latest is None else max(latest, ended)
    return latest if latest is not None else begun


def _queued(task: Task, tries: tuple[Stretch, ...], ready: float | None, now: float | None) -> float | None:
    if ready is None or is_wait(task):
        return None
    if not tries:
        return max(0.0, now - ready) if now is not None and task.status is Status.READY else None
    if tried_before(task):
        return None  # there was an attempt before, of which nobody wrote down when it began
    return max(0.0, tries[0].start - ready)


def _ran(task: Task, tries: tuple[Stretch, ...], now: float | None) -> float | None:
    if is_wait(task):
        return None
    runs_now = now is not None and task.status in (Status.RUNNING, Status.WAITING)
    total, known = 0.0, False
    for at, one in enumerate(tries):
        end = one.end
        if end is None and runs_now and at == len(tries) - 1 and task.status is Status.RUNNING:
            end = now
        if end is not None:
            total, known = total + max(0.0, end - one.start), True
    return total if known else None


def slacks(tasks: Mapping[str, Task], upstream: Mapping[str, list[str]]) -> dict[str, float]:
    """How much longer each task with a recorded duration could have taken: the longest path less that through it."""
    order = in_order(upstream)
    to, onward = dict.fromkeys(order, 0.0), dict.fromkeys(order, 0.0)
    weight = {task_id: seconds if math.isfinite(seconds := weight_of(tasks[task_id])) else 0.0 for task_id in order}
    for task_id in order:
        to[task_id] = weight[task_id] + max((to[other] for other in upstream[task_id] if other in to), default=0.0)
    for task_id in reversed(order):
        for other in upstream[task_id]:
            if other in onward:
                onward[other] = max(onward[other], onward[task_id] + weight[task_id])
    longest = max(to.values(), default=0.0)
    return {
        task_id: max(0.0, longest - to[task_id] - onward[task_id])
        for task_id in order
        if tasks[task_id].duration is not None
    }


def concurrency(
    detail: WorkflowDetail, timings: Timings, now: float, tasks: Iterable[Task] | None = None
) -> tuple[tuple[float, int], ...]:
    """How many tasks ran at once, as steps: (Unix seconds, how many from then on), ascending.

    Args:
        detail: The workflow.
        timings: Its times.
        now: Unix seconds, to when what runs has run.
        tasks: Only these; None for all.
    """
    changes: dict[float, int] = {}
    for task in detail.tasks if tasks is None else tasks:
        if is_wait(task):
            continue
        for one in timings[task.id].tries:
            end = one.end
            if end is None:
                if not (detail.live and task.status is Status.RUNNING):
                    continue  # nobody knows how long it ran
                end = max(now, one.start)
            if end > one.start:
                changes[one.start] = changes.get(one.start, 0) + 1
                changes[end] = changes.get(end, 0) - 1
    steps: list[tuple[float, int]] = []
    running = 0
    for moment in sorted(changes):
        running += changes[moment]
        if not steps or steps[-1][1] != running:
            steps.append((moment, running))
    return tuple(steps)
