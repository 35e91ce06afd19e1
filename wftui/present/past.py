"""A workflow as it was at a moment in its past, and the moments at which something happened. Pure.

The record of a workflow holds when things began and ended. So what was known at a moment is what had begun or ended by
then; everything else had not happened: it is PENDING, READY where all that it waits for was done, or UNKNOWN where the
record does not tell when it happened. The tasks of a sub-DAG are there once their continuation returned it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from wftui.model.event import Event as Signal
from wftui.model.status import Status
from wftui.model.task import Attempt, TaskKind
from wftui.model.workflow import Progress
from wftui.present.critical_path import truly_upstream
from wftui.present.timing import extent_of, is_wait, when

if TYPE_CHECKING:
    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary

_OVER = (Status.SUCCESSFUL, Status.FAILED, Status.CANCELED)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        at: When, in Unix seconds.
        what: A word: "started", "ended", "failed", "canceled".
        task_id: What it happened to; None for the workflow.
        attempt: Which try it was, where there were several; 0 else.
    """

    at: float
    what: str
    task_id: str | None = None
    attempt: int = 0


_WORDS = {Status.FAILED: "failed", Status.CANCELED: "canceled"}


def events_of(detail: WorkflowDetail) -> tuple[Event, ...]:
    """What happened to a workflow and its tasks, in order, as far as times of it are recorded."""
    row = detail.summary
    found: list[Event] = []
    if (began := when(row.started_at)) is not None:
        found.append(Event(began, "started"))
    for task in detail.tasks:
        found += _task_events(task)
    if (ended := when(row.ended_at)) is not None and (began is None or ended >= began):
        found.append(Event(ended, _WORDS.get(row.status, "ended")))
    found.sort(key=lambda event: event.at)  # stable: what is at the same moment stays in the order of the graph
    return tuple(found)


def _task_events(task: Task) -> list[Event]:
    tries = [one for one in task.attempts or () if when(one.started_at) is not None]
    if len(tries) < 2:
        tries = [Attempt(0, task.status, task.started_at, task.ended_at)]
    found: list[Event] = []
    for one in tries:
        began, ended = when(one.started_at), when(one.ended_at)
        if began is not None:
            found.append(Event(began, "started", task.id, one.number))
        if ended is not None and (began is None or ended >= began):
            found.append(Event(ended, _WORDS.get(one.status, "ended"), task.id, one.number))
    return found


def moments_of(events: tuple[Event, ...]) -> tuple[float, ...]:
    """When anything happened: each moment once, ascending."""
    return tuple(dict.fromkeys(event.at for event in events))


def state_at(detail: WorkflowDetail, moment: float) -> WorkflowDetail:
    """A workflow as it was at a moment.

    Args:
        detail: The workflow as it is.
        moment: Unix seconds. From the last recorded time on it is the workflow as it is.
    """
    return Past(detail).at(moment)


class Past:
    """The past of a workflow, for whoever looks at many moments of it.

    Args:
        detail: The workflow as it is.
    """

    def __init__(self, detail: WorkflowDetail) -> None:
        self.detail, self.moment = detail, -math.inf
        self.tasks = {task.id: task for task in detail.tasks}
        self.upstream = truly_upstream(self.tasks)
        self.over = _over(detail.summary)
        self.extent = first = extent_of(detail)
        began = when(detail.summary.started_at)
        # Tasks that ran before a resume are older than what the workflow wrote down as its start.
        self.began = began if first is None else first.start if began is None else min(began, first.start)
        self.born = self._births()
        self.states: dict[str, Task] = {}

    def at(self, moment: float) -> WorkflowDetail:
        """The workflow as it was at a moment; see `state_at`."""
        if self.extent is None or moment >= self.extent.end:
            return self.detail
        self.moment, self.states = moment, {}
        return self._state()

    def _state(self) -> WorkflowDetail:
        there = [task for task in self.detail.tasks if self.born[task.id] <= self.moment]
        for task in there:
            self.states[task.id] = self._task(task)
        for task in there:
            if task.continuation is not None:
                self.states[task.id] = self._continuation(task)
        for task in there:  # known only once all else is
            state = self.states[task.id]
            if state.status is Status.PENDING and self._is_ready(task):
                self.states[task.id] = replace(state, status=Status.READY)
        tasks = tuple(self.states[task.id] for task in there)
        return replace(
            self.detail,
            summary=self._summary(tasks),
            tasks=tasks,
            events=tuple(self._signal(event) for event in self.detail.events),
            deeds=tuple(deed for deed in self.detail.deeds if deed.at <= self.moment),
            as_of=self.moment,
        )

    def _signal(self, event: Signal) -> Signal:
        """What tasks wait for: it had not happened where nobody knows when it did."""
        emitted = when(event.emitted_at)
        return event if emitted is not None and emitted <= self.moment else Signal(event.name, happened=False)

    def _births(self) -> dict[str, float]:
        """When each task came to be: -inf for those of the first graph."""
        firsts: dict[str, float] = {}
        for task in self.tasks.values():
            start = _first_start(task)
            if task.parent is not None and start is not None:
                firsts[task.parent] = min(firsts.get(task.parent, math.inf), start)
        born: dict[str, float] = {}
        for task in self.tasks.values():
            trail: list[Task] = []
            at: Task | None = task
            while at is not None and at.id not in born and at not in trail:
                trail.append(at)
                at = self.tasks.get(at.parent) if at.parent is not None else None
            for one in reversed(trail):
                parent = self.tasks.get(one.parent) if one.parent is not None else None
                if parent is None or parent is one:
                    born[one.id] = -math.inf
                    continue
                returned = when(parent.ended_at)
                known = [moment for moment in (returned, firsts.get(parent.id)) if moment is not None]
                own = min(known) if known else _first_start(parent)
                born[one.id] = max(born.get(parent.id, -math.inf), -math.inf if own is None else own)
        return born

    # -- tasks -----------------------------------------------------------------------------------------------

    def _task(self, task: Task) -> Task:
        began, ended = when(task.started_at), when(task.ended_at)
        if began is not None and ended is not None and ended < began:
            ended = None  # the end of an earlier run
        first = _first_start(task)
        if ended is not None and ended <= self.moment and (began is None or began <= self.moment):
            return task
        if first is None or first > self.moment:
            return self._not_begun(task, known=first is not None)
        return self._under_way(task, ended)

    def _not_begun(self, task: Task, *, known: bool) -> Task:
        status = Status.PENDING
        happened = task.status not in (Status.PENDING, Status.READY)
        timeless = bool(task.attempts) and any(one.started_at is None for one in task.attempts or ())
        earlier = timeless or (task.error is not None and task.error.stale and task.attempts is None)
        if happened and (earlier or not known) and self._is_ready(task):
            status = Status.UNKNOWN  # something happened, and nobody wrote down when
        return _blank(task, status, attempts=None if task.attempts is None else ())

    def _under_way(self, task: Task, ended: float | None) -> Task:
        attempts = None if task.attempts is None else tuple(_tries_then(task.attempts, self.moment))
        latest = when(task.started_at)
        is_latest = latest is not None and latest <= self.moment
        status = Status.WAITING if is_wait(task) else Status.RUNNING
        error = None
        failed = [one for one in attempts or () if one.error is not None]
        if failed and failed[-1].error is not None:
            error = replace(failed[-1].error, stale=True)
        elif task.attempts is None and task.error is not None and task.error.stale:
            error = task.error
        between = bool(attempts) and attempts is not None and attempts[-1].ended_at is not None and not is_latest
        if between:
            status = Status.WAITING
        elif ended is None and is_latest:
            status = self._without_end(task, status)
        shown = attempts[-1] if attempts else None
        began = latest if is_latest or shown is None else shown.started_at
        return replace(
            _blank(task, status, attempts=attempts),
            started_at=began,
            error=task.error if status is task.status and status in _OVER else error,
            waiting_for="a retry" if between else None,
            node=task.node if is_latest else None,
            pid=task.pid if is_latest else None,
        )

    def _without_end(self, task: Task, running: Status) -> Status:
        """The status of what began and has no end: nobody knows how long it ran."""
        if task.status in (Status.RUNNING, Status.WAITING):
            return running
        if self.over is not None and self.over <= self.moment:
            return task.status  # it was over with the workflow at the latest
        return running if task.status is Status.CANCELED else Status.UNKNOWN

    def _continuation(self, task: Task) -> Task:
        """A continuation that returned has the status of what it returned, as far as that is known."""
        ended = when(task.ended_at)
        state = self.states[task.id]
        if ended is None or ended > self.moment or state.status is not task.status:
            return state
        seen, at = {task.id}, task
        while at.continuation is not None and at.continuation in self.tasks and at.continuation not in seen:
            seen.add(at.continuation)
            at = self.tasks[at.continuation]
        output = self.states.get(at.id)
        if at is task:
            return state
        if output is None or not output.status.is_terminal:
            status = Status.PENDING if output is None else output.status
            return replace(state, status=status, error=None)
        return task

    def _is_ready(self, task: Task) -> bool:
        if not self._has_begun():
            return False
        if any(other not in self.tasks for other in task.upstream):
            return False
        others = (self.states.get(other) for other in self.upstream[task.id])
        return all(other is not None and self._is_done(other) for other in others)

    def _is_done(self, state: Task) -> bool:
        return state.status is Status.SUCCESSFUL or (state.continuation is not None and state.ended_at is not None)

    # -- the workflow ----------------------------------------------------------------------------------------

    def _has_begun(self) -> bool:
        return self.began is not None and self.began <= self.moment

    def _summary(self, tasks: tuple[Task, ...]) -> WorkflowSummary:
        row = self.detail.summary
        done = sum(task.status is Status.SUCCESSFUL for task in tasks)
        progress = Progress(done, len(tasks)) if row.progress is not None else None
        if self.over is not None and self.over <= self.moment:
            return replace(row, progress=progress)
        status = Status.PENDING
        if self._has_begun():
            statuses = {task.status for task in tasks}
            waits = Status.WAITING in statuses and Status.RUNNING not in statuses
            status = Status.WAITING if waits else Status.RUNNING
        return replace(
            row,
            status=status,
            recorded_status="",
            status_since=None,
            started_at=row.started_at if (when(row.started_at) or math.inf) <= self.moment else None,
            ended_at=None,
            ended_at_source=None,
            last_write=None,
            progress=progress,
            error=None,
            note="",
        )


def _over(row: WorkflowSummary) -> float | None:
    """When a workflow was over; None where it is not, or nobody knows when."""
    began, ended = when(row.started_at), when(row.ended_at)
    if ended is not None and (began is None or ended >= began):
        return ended
    return when(row.status_since) if row.status in _OVER else None


def _first_start(task: Task) -> float | None:
    known = [when(task.started_at), *(when(attempt.started_at) for attempt in task.attempts or ())]
    return min((moment for moment in known if moment is not None), default=None)


def _tries_then(attempts: tuple[Attempt, ...], moment: float) -> list[Attempt]:
    """The tries that had begun, as they were."""
    tries: list[Attempt] = []
    for attempt in attempts:
        began, ended = when(attempt.started_at), when(attempt.ended_at)
        if began is None or began > moment:
            continue
        if ended is None or ended > moment or ended < began:
            attempt = replace(attempt, status=Status.RUNNING, ended_at=None, error=None, claimed_until=None)
        tries.append(attempt)
    return tries


def _blank(task: Task, status: Status, *, attempts: tuple[Attempt, ...] | None) -> Task:
    """A task of which nothing is known but what it was given."""
    kind = TaskKind.TASK if task.kind is TaskKind.CONTINUATION else task.kind
    return replace(
        task,
        kind=kind,
        status=status,
        continuation=None,
        started_at=None,
        ended_at=None,
        ended_at_source=None,
        attempts=attempts,
        error=None,
        output_size=None,
        node=None,
        pid=None,
        waiting_for=None,
    )
