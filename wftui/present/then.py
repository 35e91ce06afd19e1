"""One task as it was at a moment, as far as its own times tell. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from wftui.model.status import Status
from wftui.model.task import TaskKind
from wftui.present.timing import is_wait, tried_before, when

if TYPE_CHECKING:
    from wftui.model.task import Attempt, Task

OVER = (Status.SUCCESSFUL, Status.FAILED, Status.CANCELED)
# Nobody knows how long what ended so had run already; all else went on, as far as anybody could tell then.
_DONE = (Status.SUCCESSFUL, Status.FAILED)


def first_start(task: Task) -> float | None:
    """When its first known try began, in Unix seconds; None where nobody knows."""
    known = [when(task.started_at), *(when(attempt.started_at) for attempt in task.attempts or ())]
    return min((moment for moment in known if moment is not None), default=None)


def turns_of(task: Task) -> set[float]:
    """The moments at which it came to be otherwise, in Unix seconds."""
    found = [task.started_at, task.ended_at, task.failed_at]
    for attempt in task.attempts or ():
        found += [attempt.started_at, attempt.ended_at]
    return {moment for moment in map(when, found) if moment is not None}


def is_hidden(task: Task) -> bool:
    """Whether something happened to it before the first moment that is known of it."""
    if task.status in (Status.PENDING, Status.READY):
        return False
    timeless = any(one.started_at is None for one in task.attempts or ())
    return timeless or tried_before(task) or first_start(task) is None


def own_state(task: Task, moment: float, over: float | None) -> Task | None:
    """The task as it was; None where nothing that is known of it had begun.

    Args:
        task: The task as it is.
        moment: Unix seconds.
        over: When its workflow was over; None where it is not, or nobody knows when.
    """
    began, ended = when(task.started_at), when(task.ended_at)
    if began is not None and ended is not None and ended < began:
        ended = None  # the end of an earlier run
    if ended is not None and ended <= moment and (began is None or began <= moment):
        return task
    first, failed = first_start(task), when(task.failed_at)
    if first is None or first > moment:
        if failed is None or failed > moment or (over is not None and over <= moment):
            return None
        error = replace(task.error, stale=True) if task.error is not None and task.error.stale else None
        return replace(not_begun(task, Status.WAITING), failed_at=failed, error=error, waiting_for="a retry")
    return _under_way(task, ended, moment, over)


def not_begun(task: Task, status: Status) -> Task:
    """The task before anything happened to it."""
    return _blank(task, status, attempts=None if task.attempts is None else ())


def _under_way(task: Task, ended: float | None, moment: float, over: float | None) -> Task:
    attempts = None if task.attempts is None else tuple(_tries_then(task.attempts, moment))
    latest = when(task.started_at)
    is_latest = latest is not None and latest <= moment
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
        status = _without_end(task, status, moment, over)
    shown = attempts[-1] if attempts else None
    began = latest if is_latest or shown is None else shown.started_at
    return replace(
        _blank(task, status, attempts=attempts),
        started_at=began,
        error=task.error if status is task.status and status in OVER else error,
        waiting_for="a retry" if between else None,
        failed_at=task.failed_at,
        node=task.node if is_latest else None,
        pid=task.pid if is_latest else None,
    )


def _without_end(task: Task, running: Status, moment: float, over: float | None) -> Status:
    """The status of what began and has no end: it was over with the workflow at the latest."""
    if task.status in (Status.RUNNING, Status.WAITING):
        return running
    if over is not None and over <= moment:
        return task.status
    return Status.UNKNOWN if task.status in _DONE else running


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
        waiting_since=None,
        untold="",
        failed_at=None,
    )
