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
from wftui.model.task import Attempt
from wftui.model.workflow import Progress
from wftui.present.chronicle import Chronicle, chronicle_of
from wftui.present.then import not_begun, own_state
from wftui.present.timing import when

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wftui.model.task import Task
    from wftui.model.workflow import WorkflowDetail, WorkflowSummary


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
    tries = [one for one in task.attempts or () if (when(one.started_at), when(one.ended_at)) != (None, None)]
    if len(tries) < 2:
        tries = [Attempt(0, task.status, task.started_at, task.ended_at)]
    found: list[Event] = []
    failed = when(task.failed_at)
    if failed is not None and task.attempts is None:
        found.append(Event(failed, "failed", task.id))
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
    """The past of a workflow, for whoever looks at many moments of it: from one to the next only what differs is made.

    Args:
        detail: The workflow as it is.
        chronicle: Its past turned around, where somebody did that already.
    """

    def __init__(self, detail: WorkflowDetail, chronicle: Chronicle | None = None) -> None:
        self.chronicle = chronicle_of(detail) if chronicle is None else chronicle
        self.detail = self.chronicle.detail
        self._moment: float | None = None
        count = len(self.detail.tasks)
        # Of each task what its own times tell, and how it was; None for what had not begun, and was not there.
        self._own: list[Task | None] = [None] * count
        self._states: list[Task | None] = [None] * count

    def at(self, moment: float) -> WorkflowDetail:
        """The workflow as it was at a moment; see `state_at`."""
        extent = self.chronicle.extent
        if extent is None or moment >= extent.end:
            return self.detail
        changed = self.chronicle.between(self._moment, moment) if self._moment is not None else None
        self._moment = moment
        self._turn(range(len(self._own)) if changed is None else changed)
        tasks = tuple([state for state in self._states if state is not None])
        return replace(
            self.detail,
            summary=self._summary(moment, tasks),
            tasks=tasks,
            events=tuple(_signal(event, moment) for event in self.detail.events),
            deeds=tuple(deed for deed in self.detail.deeds if deed.at <= moment),
            as_of=moment,
        )

    # -- tasks -----------------------------------------------------------------------------------------------

    def _turn(self, places: Iterable[int]) -> None:
        """Make these tasks, and what hangs on them, as they were at the moment."""
        chronicle = self.chronicle
        touched = set(places)
        for at in tuple(touched):
            before = self._own[at]
            after = self._own_of(at)
            self._own[at] = after
            if _is_done(before) is not _is_done(after):
                touched.update(chronicle.downstream[at])
        for at in touched:
            self._put(at, self._own[at] or self._not_begun(at))
        latest: dict[int, int | None] = {}
        for at in self._above(touched):  # known only once all else is
            own = self._own[at]
            if own is not None and at in chronicle.output:
                end = chronicle.output[at]
                if end not in latest:
                    latest[end] = self._latest(end)
                self._put(at, self._continued(at, own, latest[end]))

    def _above(self, places: Iterable[int]) -> set[int]:
        """These tasks and all that went on in sub-DAGs which hold them, or whose output is theirs."""
        chronicle = self.chronicle
        found: set[int] = set()
        todo: list[int | None] = list(places)
        while todo:
            at = todo.pop()
            if at is not None and at not in found:
                found.add(at)
                todo.append(chronicle.parent[at])
                todo += chronicle.stands_for.get(at, ())
        return found

    def _latest(self, end: int) -> int | None:
        """The end of a chain of continuations as it was then: of those that were there the nearest above."""
        seen: set[int] = set()
        at: int | None = end
        while at is not None and at not in seen and self._states[at] is None:
            seen.add(at)
            at = self.chronicle.parent[at]
        return at if at not in seen else None

    def _put(self, at: int, state: Task | None) -> None:
        if state != self._states[at]:  # what stays the same stays the very same
            self._states[at] = state

    def _own_of(self, at: int) -> Task | None:
        moment = self._moment
        if moment is None or self.chronicle.born[at] > moment:
            return None
        return own_state(self.detail.tasks[at], moment, self.chronicle.over)

    def _not_begun(self, at: int) -> Task | None:
        if self._moment is None or self.chronicle.born[at] > self._moment:
            return None
        status = Status.PENDING
        if self._is_ready(at):
            status = Status.UNKNOWN if at in self.chronicle.hidden else Status.READY
        return not_begun(self.detail.tasks[at], status)

    def _is_ready(self, at: int) -> bool:
        upstream = self.chronicle.upstream[at]
        return upstream is not None and self._has_begun() and all(_is_done(self._own[other]) for other in upstream)

    def _continued(self, at: int, own: Task, output: int | None) -> Task:
        """A continuation that returned has the status of what it returned, as far as that was known."""
        task = self.detail.tasks[at]
        if own.ended_at is None or own.status is not task.status or output is None or output == at:
            return own
        then = self._states[output]
        if then is None:
            return own
        known = own
        if output != self.chronicle.output[at]:
            known = replace(own, continuation=then.id)
        return known if then.status.is_terminal else replace(known, status=then.status, error=None)

    # -- the workflow ----------------------------------------------------------------------------------------

    def _has_begun(self) -> bool:
        began = self.chronicle.began
        return began is not None and self._moment is not None and began <= self._moment

    def _summary(self, moment: float, tasks: tuple[Task, ...]) -> WorkflowSummary:
        row, over = self.detail.summary, self.chronicle.over
        done = sum(task.status is Status.SUCCESSFUL for task in tasks)
        progress = Progress(done, len(tasks)) if row.progress is not None else None
        if over is not None and over <= moment:
            return replace(row, progress=progress)
        status = Status.PENDING
        if self._has_begun():
            # What keeps no times of its attempts tries again at once: its workflow ran on meanwhile.
            statuses = {task.status for task in tasks if task.failed_at is None or task.status is not Status.WAITING}
            waits = Status.WAITING in statuses and Status.RUNNING not in statuses
            status = Status.WAITING if waits else Status.RUNNING
        return replace(
            row,
            status=status,
            recorded_status="",
            status_since=None,
            started_at=row.started_at if (when(row.started_at) or math.inf) <= moment else None,
            ended_at=None,
            ended_at_source=None,
            last_write=None,
            progress=progress,
            error=None,
            note="",
        )


def _is_done(state: Task | None) -> bool:
    """Whether what waits for it may begin, as far as its own times tell."""
    if state is None:
        return False
    return state.status is Status.SUCCESSFUL or (state.continuation is not None and state.ended_at is not None)


def _signal(event: Signal, moment: float) -> Signal:
    """What tasks wait for: it had not happened where nobody knows when it did."""
    emitted = when(event.emitted_at)
    return event if emitted is not None and emitted <= moment else Signal(event.name, happened=False)
