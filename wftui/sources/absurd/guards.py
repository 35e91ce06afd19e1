"""Which action is allowed on which state, why not otherwise, and what it does to each task. Pure."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING

from wftui.errors import UsageError
from wftui.model.action import ActionKind, ActionPlan, TaskEffect
from wftui.model.payload import checked_payload
from wftui.model.status import Status
from wftui.sources.absurd.subject import run_name
from wftui.sources.absurd.values import status_of

if TYPE_CHECKING:
    from wftui.model.action import Given
    from wftui.sources.absurd.subject import Subject, TaskState

UNFINISHED = ("pending", "running", "sleeping")
ENDED_WORDS = frozenset({"completed", "failed", "cancelled"})
_GOES_ON = frozenset({Status.PENDING, Status.RUNNING, Status.WAITING})
ALLOWED = MappingProxyType(
    {
        ActionKind.CANCEL: _GOES_ON,
        ActionKind.RESUME: frozenset({Status.FAILED}),
        ActionKind.EMIT: _GOES_ON,
    }
)
NOT_FOUND = "there is no such workflow or task"
SHOWN = 1_000
"""Characters of a payload that are shown again."""
NO_DELETE = "Absurd deletes no single task; absurdctl cleanup removes what ended long ago"


def why_not(kind: ActionKind, subject: Subject | None, given: Given) -> str:
    """Why the action is refused; "" when it is allowed."""
    if subject is None:
        return NOT_FOUND
    if kind not in ALLOWED:
        return NO_DELETE
    status = subject.status
    if status not in ALLOWED[kind]:
        return _wrong_status(kind, status)
    if subject.queue is None:
        recorded = subject.key.namespace
        return f"its queue {recorded!r} cannot be read" if recorded else "it names no queue: its tasks are not known"
    if kind is ActionKind.RESUME:
        return _why_not_resume(subject, given)
    return _why_not_emit(subject, given) if kind is ActionKind.EMIT else ""


def _wrong_status(kind: ActionKind, status: Status) -> str:
    if kind is ActionKind.EMIT:
        return f"it waits for nothing: it is {status.value}"
    if status is Status.UNKNOWN:
        return "its state is none that Absurd knows"
    if kind is ActionKind.CANCEL:
        return f"it has ended: it is {status.value}"
    if status is Status.CANCELED:
        return "it was canceled, and Absurd retries only what failed"
    if status is Status.SUCCESSFUL:
        return "it is SUCCESSFUL: there is nothing left to run"
    return f"it is {status.value} already"


def _why_not_resume(subject: Subject, given: Given) -> str:
    if not subject.touched:
        return "none of its tasks failed: there is nothing to retry"
    least = least_attempts(subject)
    if given.max_attempts is not None and not given.as_new and given.max_attempts < least:
        tried = least - 1
        many = "attempt in all is" if given.max_attempts == 1 else "attempts in all are"
        return f"{given.max_attempts} {many} too few: it was tried {_times(tried)} already"
    if given.max_attempts is not None and given.max_attempts < 1:
        return "there must be one attempt at least"
    return ""


def _why_not_emit(subject: Subject, given: Given) -> str:
    if not awaited(subject):
        return "it waits for no event"
    if not given.event:
        return ""
    if not given.event.strip():
        return "the event has no name"
    if "\0" in given.event:
        return "PostgreSQL holds no NUL in a name"
    try:
        checked_payload(given.payload)
    except UsageError as error:
        return str(error)
    return ""


def least_attempts(subject: Subject) -> int:
    """The lowest number of attempts in all that leaves each of the failed tasks one."""
    return 1 + max((task.attempts for task in subject.touched), default=0)


def awaited(subject: Subject) -> tuple[str, ...]:
    """The names of the events that it waits for.

    The tracking client lets only the run of a task sleep: the task itself still says that it runs.
    """
    return tuple(dict.fromkeys(event for task in subject.touched if task.state in UNFINISHED for event in task.events))


def make_plan(kind: ActionKind, subject: Subject, given: Given, why: str, notes: tuple[str, ...] = ()) -> ActionPlan:
    """What the action would do to what is there.

    Args:
        kind: The action.
        subject: As just read.
        given: What the user gave.
        why: Why it is refused; "" when it is allowed.
        notes: What else is to be said, a sentence a line.
    """
    events = awaited(subject) if kind is ActionKind.EMIT else ()
    if why:
        return ActionPlan(subject.key, kind, False, subject.status, why, name=subject.name, events=events)
    told = [t for t in subject.touched if kind is not ActionKind.EMIT or t.events]
    tasks = tuple(TaskEffect(t.id, t.name, t.status, _effect(kind, t, given)) for t in told)
    resumes = kind is ActionKind.RESUME
    keeps = tuple(f"{t.id}/{name}" for t in subject.touched for name in t.checkpoints) if not given.as_new else ()
    return ActionPlan(
        subject.key,
        kind,
        True,
        subject.status,
        effects=(*_overall(kind, subject, given), *notes),
        keeps=keeps if resumes else (),
        runs_again=tuple(task.id for task in subject.touched) if resumes else (),
        name=subject.name,
        tasks=tasks,
        least_attempts=least_attempts(subject) if resumes else None,
        events=events,
    )


def _effect(kind: ActionKind, task: TaskState, given: Given) -> str:
    """What happens to one task."""
    if kind is ActionKind.RESUME:
        if given.as_new:
            return "is spawned anew, from its start; this one stays FAILED"
        most = "" if given.max_attempts is None else f" of at most {given.max_attempts}"
        return f"runs again: attempt {task.attempts + 1}{most}, {_from_where(task)}"
    if kind is ActionKind.EMIT:
        if not given.event:
            return f"waits for {', '.join(task.events)}"
        return "is woken" if given.event in task.events else f"goes on waiting for {', '.join(task.events)}"
    if task.state == "running":
        return f"is cancelled; its worker {task.worker or ''} is told at its next step".replace("  ", " ")
    if task.state == "sleeping":
        return f"is cancelled while it waits for {task.events[0]}" if task.events else "is cancelled while it sleeps"
    return "is cancelled before it runs" if task.attempts <= 1 else "is cancelled before its next attempt"


def _from_where(task: TaskState) -> str:
    kept = len(task.checkpoints)
    return f"behind its {kept} checkpoint{'' if kept == 1 else 's'}" if kept else "from its start"


def _overall(kind: ActionKind, subject: Subject, given: Given) -> tuple[str, ...]:
    """What happens to it as a whole."""
    lines: list[str] = []
    owner = subject.belongs_to
    if subject.run is not None:
        touched = len(subject.touched)
        rest = sum(subject.counts.values()) - sum(subject.counts.get(state, 0) for state in _states(kind))
        if kind is ActionKind.CANCEL:
            lines.append(
                "its row becomes CANCELED" if touched else "no task of it is unfinished: its row becomes CANCELED"
            )
        elif kind is ActionKind.RESUME:
            lines.append("its row goes back to RUNNING, without its end and its error; attempts keep theirs")
        if rest and kind is not ActionKind.EMIT:
            lines.append(
                f"{_tasks(rest)} of it stay{'s' if rest == 1 else ''} as {'it is' if rest == 1 else 'they are'}"
            )
        if subject.counts.get("cancelled") and kind is ActionKind.RESUME:
            lines.append("what was cancelled cannot be retried")
    elif owner is not None and kind is not ActionKind.EMIT:
        lines.append(
            f"only this task of the run {run_name(owner)} ({owner['workflow_run_id']}),"
            f" which stays {status_of(owner['status']).value}"
        )
    if kind is ActionKind.EMIT and given.event:
        lines.append(f"the event {given.event!r} is emitted into the queue {subject.key.namespace!r}")
        lines.append(f"with the payload {_in_short(given.payload)}")
        if given.event not in awaited(subject):
            lines.append("it does not wait for that event")
    return tuple(lines)


def _in_short(payload: str) -> str:
    """The payload as it is understood, in one line."""
    text = json.dumps(checked_payload(payload), ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}… ({len(text):,} characters)"


def _states(kind: ActionKind) -> tuple[str, ...]:
    return {ActionKind.CANCEL: UNFINISHED, ActionKind.RESUME: ("failed",)}.get(kind, ("sleeping",))


def _tasks(count: int) -> str:
    return f"{count:,} other task{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
